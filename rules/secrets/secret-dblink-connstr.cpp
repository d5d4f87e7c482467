// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/secret_sinks.h"

namespace pgrehearse::rules::secret_dblink_connstr {

static void check(const Statement& statement, Context& context) {
  for_each_node<FuncCall>(statement.node, [&](const FuncCall& call) {
    std::string_view name = last_name(call.funcname);
    if (!name.starts_with("dblink")) return;
    for (const Node& argument : each<Node>(call.args)) {
      auto text = constant_of(statement, &argument);
      if (!text || !is_connection_string(text->value)) continue;
      report_connection(context, *text, "the connection string of " + std::string(name) + "()");
    }
  });
}

Rule rule() {
  return {
      .info =
          {.id = "secret-dblink-connstr",
           .title = "A password in a connection string of dblink",
           .category = Category::secrets,
           .severity = Severity::error,
           .why = R"(
The connection string of `dblink` and `dblink_connect` is an ordinary argument, so a password in it is in the repository
and its history, in `pg_stat_activity` while it runs, and in the server's log. In a view or a function everybody who may
read the catalogs reads it too.)",
           .instead = R"(
Connect through a foreign server, whose user mapping the deployment fills in; `dblink` takes its name:

```sql
SELECT dblink_connect('shop', 'shop_server');
```)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 8.5,
           .bad = {{.sql = "SELECT dblink_connect('host=db user=app password=vT7-aLong!one');"},
                   {.sql = "SELECT dblink_connect('c', 'host=db user=app ' || 'password=' || 'vT7-aLong!one');"},
                   {.sql = "CREATE VIEW far AS SELECT * FROM dblink('postgresql://app:vT7-aLong.one@db/shop',\n"
                           "  'SELECT id FROM orders') AS t (id bigint);"},
                   {.sql = "CREATE FUNCTION far() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n"
                           "  PERFORM dblink_exec('dbname=shop password=vT7-aLong!one', 'VACUUM');\nEND $$;"}},
           .good = {{.sql = "SELECT dblink_connect('c', 'shop_server');"},
                    {.sql = "SELECT dblink_connect('host=db user=app password=' || current_setting('app.pw'));"},
                    {.sql = "SELECT dblink_connect('host=db user=app password=${PW}');"},
                    {.sql =
                         "SELECT * FROM dblink('shop_server', 'SELECT password = hash FROM users') AS t (x bool);"}}},
      .nodes = {T_CreateFunctionStmt, T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt, T_ViewStmt,
                T_CreateTableAsStmt, T_CallStmt},
      .words = {"dblink"},
      .check = check};
}

}  // namespace pgrehearse::rules::secret_dblink_connstr
