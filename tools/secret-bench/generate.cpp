// SPDX-License-Identifier: Apache-2.0
// usage: secret_bench_generate SEED FOLDER
// Writes SQL files with one planted secret each, or with none that looks like one, and FOLDER/labels.tsv: file, kind,
// form, first and last line, secret. All values are random; nothing of them is kept anywhere but in that folder.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/rules/secret_tokens.h"

using namespace pgrehearse;

namespace {

struct Form {
  const char* name;
  std::function<std::string(const std::string&)> sql;
};

class Bench {
 public:
  Bench(uint32_t seed, std::filesystem::path folder) : random_(seed), folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    labels_.open(folder_ / "labels.tsv");
  }

  void tokens() {
    const std::vector<Form> forms = {
        {"insert",
         [](auto& t) { return "INSERT INTO settings (name, value)\nVALUES ('integration', '" + t + "');\n"; }},
        {"update", [](auto& t) { return "UPDATE settings SET value = '" + t + "'\nWHERE name = 'integration';\n"; }},
        {"comment", [](auto& t) { return "-- the integration uses " + t + " for now\nSELECT 1;\n"; }},
        {"block-comment", [](auto& t) { return "/*\n * " + t + "\n */\nSELECT 1;\n"; }},
        {"copy", [](auto& t) { return "COPY settings (name, value) FROM stdin;\nintegration\t" + t + "\n\\.\n"; }},
        {"function",
         [](auto& t) { return "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '" + t + "' $f$;\n"; }},
        {"execute",
         [](auto& t) { return "DO $$ BEGIN\n  EXECUTE 'UPDATE settings SET value = ''" + t + "''';\nEND $$;\n"; }},
        {"json",
         [](auto& t) { return "INSERT INTO settings VALUES ('{\"integration\": {\"value\": \"" + t + "\"}}');\n"; }},
        {"default", [](auto& t) { return "ALTER TABLE settings ALTER COLUMN value SET DEFAULT '" + t + "';\n"; }},
        {"joined",
         [](auto& t) {
           return "UPDATE settings SET value = '" + t.substr(0, t.size() / 2) + "' || '" + t.substr(t.size() / 2) +
                  "';\n";
         }},
    };
    for (const SecretShape& shape : secret_shapes()) {
      for (const Form& form : forms) {
        std::string secret;
        std::string token = random_.token(shape, secret);
        plant(std::string(shape.id), form.name, form.sql(token), secret);
      }
    }
  }

  void passwords() {
    const std::vector<Form> forms = {
        {"role", [](auto& p) { return "CREATE ROLE app LOGIN PASSWORD '" + p + "';\n"; }},
        {"role-body", [](auto& p) { return "DO $$ BEGIN\n  ALTER ROLE app WITH PASSWORD '" + p + "';\nEND $$;\n"; }},
        {"role-execute",
         [](auto& p) { return "DO $$ BEGIN\n  EXECUTE 'CREATE USER app PASSWORD ''" + p + "''';\nEND $$;\n"; }},
        {"role-format",
         [](auto& p) {
           return "DO $$ BEGIN\n  EXECUTE format('CREATE USER %I PASSWORD %L', 'app', '" + p + "');\nEND $$;\n";
         }},
        {"mapping",
         [](auto& p) {
           return "CREATE USER MAPPING FOR app SERVER s\n  OPTIONS (user 'app', password '" + p + "');\n";
         }},
        {"server",
         [](auto& p) {
           return "CREATE SERVER s FOREIGN DATA WRAPPER s3_fdw OPTIONS (secret_access_key '" + p + "');\n";
         }},
        {"subscription",
         [](auto& p) {
           return "CREATE SUBSCRIPTION s CONNECTION 'host=db user=app password=" + p + "' PUBLICATION p;\n";
         }},
        {"dblink",
         [](auto& p) { return "SELECT dblink_connect('c', 'host=db user=app password=" + p + " dbname=shop');\n"; }},
        {"dblink-uri",
         [](auto& p) {
           return "SELECT * FROM dblink('postgresql://app:" + p + "@db.internal/shop', 'SELECT 1') AS t (a int);\n";
         }},
        {"database-set", [](auto& p) { return "ALTER DATABASE shop SET app.jwt_secret = '" + p + "';\n"; }},
        {"system-set",
         [](auto& p) { return "ALTER SYSTEM SET primary_conninfo = 'host=db user=r password=" + p + "';\n"; }},
        {"set-config", [](auto& p) { return "SELECT set_config('app.encryption_key', '" + p + "', false);\n"; }},
        {"pgp", [](auto& p) { return "UPDATE patients SET ssn = pgp_sym_encrypt(plain, '" + p + "');\n"; }},
        {"hmac", [](auto& p) { return "SELECT hmac(body, '" + p + "', 'sha256') FROM hooks;\n"; }},
        {"crypt", [](auto& p) { return "INSERT INTO users VALUES (1, crypt('" + p + "', gen_salt('bf', 12)));\n"; }},
        {"vault", [](auto& p) { return "SELECT vault.create_secret('" + p + "', 'hook');\n"; }},
        {"jwt-sign", [](auto& p) { return "SELECT sign('{}'::json, '" + p + "');\n"; }},
        {"column", [](auto& p) { return "INSERT INTO users (name, password) VALUES ('app', '" + p + "');\n"; }},
        {"column-update",
         [](auto& p) { return "UPDATE integrations SET client_secret = '" + p + "' WHERE id = 1;\n"; }},
        {"column-upsert",
         [](auto& p) {
           return "INSERT INTO t (id, api_key) VALUES (1, NULL)\nON CONFLICT (id) DO UPDATE SET api_key = '" + p +
                  "';\n";
         }},
        {"pair", [](auto& p) { return "INSERT INTO settings (name, value) VALUES ('smtp_password', '" + p + "');\n"; }},
        {"copy-column", [](auto& p) { return "COPY users (name, password) FROM stdin;\napp\t" + p + "\n\\.\n"; }},
        {"header",
         [](auto& p) {
           return "SELECT net.http_post('https://a.example', headers := '{\"Authorization\": \"Bearer " + p +
                  "\"}'::jsonb);\n";
         }},
        {"header-built",
         [](auto& p) {
           return "SELECT net.http_post('https://a.example', '{}', '{}',\n  jsonb_build_object('Authorization', "
                  "'Bearer " +
                  p + "'));\n";
         }},
        {"trigger",
         [](auto& p) {
           return "CREATE TRIGGER h AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION\n  "
                  "supabase_functions.http_request('https://a.example', 'POST', '{\"apikey\":\"" +
                  p + "\"}', '{}', '1000');\n";
         }},
        {"psql-set", [](auto& p) { return "\\set app_password '" + p + "'\nSELECT 1;\n"; }},
        {"psql-setenv", [](auto& p) { return "\\setenv PGPASSWORD '" + p + "'\nSELECT 1;\n"; }},
        {"comment", [](auto& p) { return "-- password: " + p + "\nSELECT 1;\n"; }},
        {"uri-comment", [](auto& p) { return "/* redis://:" + p + "@cache:6379/0 */\nSELECT 1;\n"; }},
        {"json", [](auto& p) { return "INSERT INTO config VALUES ('{\"smtp\": {\"password\": \"" + p + "\"}}');\n"; }},
        {"upper", [](auto& p) { return "ALTER USER \"App\" /* now */ WITH ENCRYPTED\tPASSWORD\r\n'" + p + "';\r\n"; }},
    };
    for (const Form& form : forms) {
      for (int i = 0; i < 12; ++i) {
        std::string name = form.name;
        // Signs that would end the string or the URL are not what this is about.
        std::string value = password(i % 4, name.find("uri") == name.npos);
        plant(std::string("place:") + form.name, form.name, form.sql(value), value);
      }
    }
  }

  void negatives() {
    auto digits = [&](const char* alphabet, size_t count) { return text(alphabet, count); };
    const char* hex = "0123456789abcdef";
    const char* base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<std::pair<const char*, std::vector<std::string>>> kinds;
    kinds.emplace_back(
        "placeholder",
        std::vector<std::string>{
            "CREATE ROLE app PASSWORD '<password>';", "CREATE ROLE app PASSWORD '${APP_PASSWORD}';",
            "CREATE ROLE app PASSWORD '{{ app_password }}';", "CREATE ROLE app PASSWORD '********';",
            "-- password: your_password_here\nSELECT 1;", "-- postgres://user:password@host/db\nSELECT 1;",
            "INSERT INTO settings VALUES ('api_key', 'your-api-key-here');", "SELECT pgp_sym_encrypt('x', '${KEY}');",
            "CREATE ROLE app PASSWORD '%(password)s';", "INSERT INTO users (password) VALUES ('@db.password@');",
            "-- token: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nSELECT 1;", "-- AKIAIOSFODNN7EXAMPLE\nSELECT 1;",
            "SELECT dblink_connect('host=db password=${PW}');",
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (password '#{pw}');",
            "INSERT INTO settings (name, value) VALUES ('secret_key', 'replace_me_please_1');"});
    kinds.emplace_back(
        "variable",
        std::vector<std::string>{"CREATE ROLE app PASSWORD :'app_password';", "UPDATE t SET token = $1 WHERE id = $2;",
                                 "SELECT set_config('app.jwt_secret', current_setting('x.y'), true);",
                                 "SELECT hmac(body, (SELECT decrypted_secret FROM vault.decrypted_secrets WHERE name = "
                                 "'hook'), 'sha256') FROM hooks;",
                                 "UPDATE users SET password = NEW.password WHERE token = old_token;",
                                 "\\set pw `openssl rand -base64 32`\nSELECT 1;",
                                 "DO $$ DECLARE new_token text := gen_random_uuid()::text; BEGIN UPDATE users SET "
                                 "token = new_token; END $$;",
                                 "PREPARE p AS UPDATE users SET api_key = $1;",
                                 "SELECT net.http_post('https://a.example', headers := "
                                 "jsonb_build_object('Authorization', 'Bearer ' || current_setting('app.t')));",
                                 "UPDATE users SET password = crypt(new_password, gen_salt('bf'));"});
    std::vector<std::string> hashes, ids;
    for (int i = 0; i < 6; ++i) {
      hashes.push_back("INSERT INTO users (name, password) VALUES ('ann', '$2b$12$" +
                       digits("./ABCDEFabcdef0123456789", 53) + "');");
      hashes.push_back("INSERT INTO users (name, password) VALUES ('ann', '" + digits(hex, 32) + "');");
      hashes.push_back("ALTER ROLE app PASSWORD 'SCRAM-SHA-256$4096:" + digits(base64, 22) + "==$" +
                       digits(base64, 43) + "=:" + digits(base64, 43) + "=';");
      hashes.push_back("INSERT INTO users (id, password_hash) VALUES (1, '$argon2id$v=19$m=65536,t=3,p=4$" +
                       digits(base64, 22) + "$" + digits(base64, 43) + "');");
      std::string uuid =
          digits(hex, 8) + "-" + digits(hex, 4) + "-4" + digits(hex, 3) + "-a" + digits(hex, 3) + "-" + digits(hex, 12);
      ids.push_back("INSERT INTO sessions (id, token) VALUES (1, '" + uuid + "');");
      ids.push_back("INSERT INTO files (name, sha256) VALUES ('a.png', '" + digits(hex, 64) + "');");
      ids.push_back("-- commit " + digits(hex, 40) + "\nSELECT 1;");
      ids.push_back("INSERT INTO images (data) VALUES ('\\x" + digits(hex, 120) + "');");
      ids.push_back("INSERT INTO images (data) VALUES ('data:image/png;base64," + digits(base64, 200) + "');");
      ids.push_back("INSERT INTO tags (etag) VALUES ('\"" + digits(hex, 32) + "\"');");
      ids.push_back("COPY files (id, md5) FROM stdin;\n1\t" + digits(hex, 32) + "\n\\.\n");
      ids.push_back("-- pk_live_" + digits("0123456789ABCDEFabcdef", 24) + " is the publishable key\nSELECT 1;");
    }
    kinds.emplace_back("hash", hashes);
    kinds.emplace_back("id", ids);
    kinds.emplace_back(
        "name",
        std::vector<std::string>{
            "ALTER TABLE users ADD COLUMN password_hash text, ADD COLUMN api_token varchar(64);",
            "CREATE UNIQUE INDEX users_reset_password_token_idx ON users (reset_password_token);",
            "INSERT INTO i18n (key, value) VALUES ('login.password', 'Your password'), ('forgot_password', "
            "'ForgotPassword');",
            "INSERT INTO permissions (name) VALUES ('passwords.reset'), ('api_keys.create');",
            "COMMENT ON COLUMN users.password IS 'The bcrypt hash of the password: see RFC-2898';",
            "CREATE TYPE token_kind AS ENUM ('access_token', 'refresh_token');",
            "SET password_encryption = 'scram-sha-256';", "ALTER TABLE t RENAME COLUMN secret TO client_secret;",
            "ALTER ROLE app PASSWORD NULL;", "ALTER ROLE app VALID UNTIL '2030-01-01';",
            "CREATE TABLE t (token_expires_at timestamptz DEFAULT '2030-01-01T00:00:00Z');",
            "ALTER SYSTEM SET ssl_key_file = '/etc/ssl/private/server-2024.key';", "SELECT password = 'x' FROM t;",
            "ALTER TABLE api_keys ADD CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash);",
            "INSERT INTO settings (name, value) VALUES ('password_min_length', '12'), ('token_ttl', '15 minutes');",
            "CREATE ROLE app LOGIN;"});
    kinds.emplace_back(
        "uri", std::vector<std::string>{
                   "INSERT INTO links VALUES ('https://example.org:8080/a@2x.png');",
                   "SELECT dblink_connect('postgresql://app@db/shop');",
                   "CREATE SUBSCRIPTION s CONNECTION 'host=db user=app' PUBLICATION p;",
                   "-- see https://wiki.example.org/secret-keys/how-to-rotate-2024\nSELECT 1;",
                   "INSERT INTO users (email, reset_token_url) VALUES ('a@b.example', 'https://a.example/reset');"});
    for (const auto& [kind, texts] : kinds) {
      for (int round = 0; round < 6; ++round) {
        for (const std::string& sql : texts) write(std::string("none:") + kind, kind, sql + "\n", {});
      }
    }
  }

 private:
  std::string text(std::string_view alphabet, size_t count) {
    std::string result;
    for (size_t i = 0; i < count; ++i) result += alphabet[random_.below(static_cast<uint32_t>(alphabet.size()))];
    return result;
  }

  std::string password(int style, bool signs) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const std::vector<std::string> words = {"correct", "horse", "battery", "staple",  "river",  "copper",
                                                   "lantern", "orbit", "maple",   "thunder", "velvet", "quartz"};
    auto word = [&] { return words[random_.below(static_cast<uint32_t>(words.size()))]; };
    auto capital = [](std::string w) {
      w[0] = static_cast<char>(w[0] - 'a' + 'A');
      return w;
    };
    std::string number = std::to_string(10 + random_.below(9990));
    if (style == 0) return text(alphabet, 14 + random_.below(11)) + text("0123456789", 1);
    if (style == 1 && signs)
      return text("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789!#%*+-_", 12 + random_.below(9)) + "7";
    if (style == 2) return capital(word()) + capital(word()) + number + (signs ? "!" : "");
    return word() + "-" + word() + "-" + word() + "-" + number;
  }

  void plant(const std::string& kind, const char* form, const std::string& sql, const std::string& secret) {
    write(kind, form, sql, secret);
  }

  void write(const std::string& kind, const char* form, const std::string& sql, const std::string& secret) {
    char name[32];
    std::snprintf(name, sizeof name, "V%05d__change.sql", ++count_);
    std::ofstream(folder_ / name, std::ios::binary) << sql;
    labels_ << name << '\t' << kind << '\t' << form << '\t' << secret << '\n';
  }

  TokenGenerator random_;
  std::filesystem::path folder_;
  std::ofstream labels_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: secret_bench_generate SEED FOLDER\n", stderr);
    return 2;
  }
  Bench bench(static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10)), argv[2]);
  bench.tokens();
  bench.passwords();
  bench.negatives();
}
