// SPDX-License-Identifier: Apache-2.0
#include "runner/golden.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runner/copy_folder.h"

namespace pgrehearse {
namespace {

/// Part of the cache's key: change it whenever settings_for() or setup_for() changes.
constexpr const char* golden_version = "6";

std::string error_text() { return std::strerror(errno); }

int major_in(const std::string& data) {
  std::ifstream file(data + "/PG_VERSION");
  int major = 0;
  file >> major;
  return major;
}

std::string settings_for(int major) {
  std::string settings = R"(
listen_addresses = ''
unix_socket_permissions = 0700
fsync = off
full_page_writes = off
synchronous_commit = off
restart_after_crash = off
wal_level = replica
max_wal_senders = 0
min_wal_size = 2MB
max_wal_size = 64MB
wal_init_zero = off
autovacuum = off
jit = off
huge_pages = off
shared_buffers = 16MB
temp_file_limit = 1GB
max_connections = 20
max_worker_processes = 0
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_locks_per_transaction = 512
dynamic_shared_memory_type = mmap
logging_collector = off
log_min_messages = fatal
log_min_error_statement = panic
lc_messages = 'C'
timezone = 'UTC'
)";
  if (major >= 16) settings += "createrole_self_grant = 'set, inherit'\n";  // an owner sees the roles that it makes
  if (major >= 18) settings += "io_method = sync\n";
  return settings;
}

/// One statement a line, as single-user mode reads it.
std::string setup_for(int major) {
  std::string role = migration_role;
  // Row security that is forced on a table would hide its rows from statements that shall be tried on them.
  std::string sql =
      "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'\n"
      "DROP DATABASE template0\n"
      "CREATE ROLE " +
      role + " LOGIN CREATEDB CREATEROLE BYPASSRLS";
  if (major >= 16) {
    // There a role passes on only what it has; as the owner of a real database usually may.
    sql += " REPLICATION\nGRANT pg_monitor, pg_read_all_data, pg_write_all_data TO " + role +
           " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE\n";
  } else {
    // Before 16 CREATEROLE may grant itself these roles, and with them run programs of the machine.
    sql +=
        "\nDELETE FROM pg_authid WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', "
        "'pg_write_server_files')\n";
  }
  // One database less to copy and to remove each time.
  sql += "ALTER DATABASE postgres RENAME TO " + std::string(rehearsal_database) + "\nALTER DATABASE " +
         rehearsal_database + " OWNER TO " + role + "\nREVOKE CONNECT ON DATABASE template1 FROM PUBLIC\n";
  return sql;
}

bool give(const std::string& path, const ServerUser& owner) {
  return !owner.change || chown(path.c_str(), owner.uid, owner.gid) == 0;
}

Result<void> initialise(Keeper& keeper, const Installation& installation) {
  auto failed = [&](const std::string& what) {
    std::string why = last_of_log(keeper);
    return environment_error("could not initialise a data directory: " + (why.empty() ? what : why));
  };
  std::string data = keeper.outside() + "/data";
  if (mkdir(data.c_str(), 0700) != 0 || !give(data, keeper.user())) return failed(error_text());
  auto status = keeper.run({installation.bin_dir + "/initdb", "-D", keeper.inside() + "/data", "-U", admin_role, "-N",
                            "-E", "UTF8", "--no-locale", "-A", "trust", "--wal-segsize=1"});
  if (!status) return std::unexpected(status.error());
  if (*status != 0) return failed("initdb ended with status " + std::to_string(*status));
  int major = major_in(data);
  {
    std::ofstream conf(data + "/postgresql.conf", std::ios::app);
    conf << settings_for(major);
    std::ofstream setup(keeper.outside() + "/setup.sql");
    setup << setup_for(major);
    if (!conf.flush() || !setup.flush()) return failed(error_text());
  }
  status = keeper.run({installation.bin_dir + "/postgres", "--single", "-O", "-c", "exit_on_error=true", "-c",
                       "log_min_messages=error", "-D", keeper.inside() + "/data", "template1"},
                      "setup.sql");
  if (!status) return std::unexpected(status.error());
  if (*status != 0) return failed("the server ended with status " + std::to_string(*status));
  remove_old_log(data);
  return {};
}

}  // namespace

/// Which binary this is, without running it: path, size, time and inode.
std::string golden_key(const Installation& installation) {
  struct stat info {};
  std::string path = installation.bin_dir + "/postgres";
  stat(path.c_str(), &info);
  std::string text = path + '\0' + std::to_string(info.st_size) + '\0' + std::to_string(info.st_mtim.tv_sec) + '.' +
                     std::to_string(info.st_mtim.tv_nsec) + '\0' + std::to_string(info.st_ino) + '\0' + golden_version;
  uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ULL;
  std::array<char, 17> hex;
  std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(hash));
  return hex.data();
}

Result<void> check_ours(const std::string& folder) {
  struct stat info;
  if (lstat(folder.c_str(), &info) != 0) {
    return environment_error("could not read folder \"" + folder + "\": " + error_text());
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 022) != 0) {
    return environment_error("folder \"" + folder + "\" is not ours alone", "Remove it; it will be made anew.");
  }
  return {};
}

// Segments of the write-ahead log beside the one with the last checkpoint: after a clean shutdown the server starts
// without them. They are more than a fifth of what would be copied each time.
void remove_old_log(const std::string& data) {
  // ControlFileData in pg_control.h: the position of the last checkpoint is at byte 32, in all versions that we know.
  std::ifstream control(data + "/global/pg_control", std::ios::binary);
  uint64_t position = 0;
  if (!control.seekg(32) || !control.read(reinterpret_cast<char*>(&position), sizeof position)) return;
  constexpr uint64_t segment_bytes = 1 << 20;  // initdb --wal-segsize=1
  std::array<char, 25> last;
  std::snprintf(last.data(), last.size(), "%08X%08X%08X", 1U, static_cast<unsigned>(position >> 32),
                static_cast<unsigned>((position & 0xffffffffU) / segment_bytes));
  std::error_code ignored;
  if (!std::filesystem::exists(data + "/pg_wal/" + last.data(), ignored)) return;
  for (const auto& entry : std::filesystem::directory_iterator(data + "/pg_wal", ignored)) {
    if (entry.is_regular_file(ignored) && entry.path().filename() != last.data()) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

std::string last_of_log(const Keeper& keeper) {
  std::ifstream log(keeper.outside() + "/log");
  std::string line;
  std::string last;
  while (std::getline(log, line)) {
    if (line.find("FATAL") != std::string::npos || line.find("ERROR") != std::string::npos ||
        line.find("error:") != std::string::npos || line.find("could not") != std::string::npos) {
      last = line;
    }
  }
  // Its time and process say nothing to anybody else.
  if (size_t end = last.find("] "); last.starts_with("20") && end != std::string::npos) last.erase(0, end + 2);
  return last;
}

std::string read_golden_note(const Installation& installation, std::string_view name) {
  std::string folder = cache_folder() + "/golden";
  if (!check_ours(folder)) return {};
  std::ifstream file(folder + "/" + golden_key(installation) + "." + std::string(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_golden_note(const Installation& installation, std::string_view name, std::string_view text) {
  std::string folder = cache_folder() + "/golden";
  if (!check_ours(folder)) return;
  std::string path = folder + "/" + golden_key(installation) + "." + std::string(name);
  std::string part = path + ".XXXXXX";
  Descriptor file(mkstemp(part.data()));
  bool written = file.valid() && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || rename(part.c_str(), path.c_str()) != 0) unlink(part.c_str());
}

Result<void> fill_data_directory(Keeper& keeper, const Installation& installation) {
  if (access((keeper.outside() + "/data/base/1").c_str(), F_OK) == 0) return {};
  std::string golden = cache_folder() + "/golden/" + golden_key(installation);
  if (!copy_folder(golden + "/base", keeper.outside() + "/data/base", keeper.user())) {
    return environment_error("could not copy the data directory \"" + golden + "\": " + error_text());
  }
  return {};
}

Result<void> prepare_data_directory(Keeper& keeper, const Installation& installation) {
  std::string cache = cache_folder();
  std::string folder = cache + "/golden";
  std::error_code ignored;
  if (!cache.empty()) std::filesystem::create_directories(cache, ignored);
  if (cache.empty() || (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)) return initialise(keeper, installation);
  if (auto ours = check_ours(folder); !ours) return ours;

  std::string golden = folder + "/" + golden_key(installation);
  // One makes it, the others wait for it and copy.
  Descriptor lock(open((golden + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (access(golden.c_str(), F_OK) != 0) {
    if (lock.valid()) flock(lock.get(), LOCK_EX);
    if (access(golden.c_str(), F_OK) != 0) {
      if (auto made = initialise(keeper, installation); !made) return made;
      std::string part = golden + ".part";
      std::filesystem::remove_all(part, ignored);
      if (!copy_folder(keeper.outside() + "/data", part, ServerUser{}) || rename(part.c_str(), golden.c_str()) != 0) {
        std::filesystem::remove_all(part, ignored);  // without the cache it works too
      }
      return {};
    }
  }
  if (auto ours = check_ours(golden); !ours) return ours;
  if (!copy_folder(golden, keeper.outside() + "/data", keeper.user(), "base")) {
    return environment_error("could not copy the data directory \"" + golden + "\": " + error_text());
  }
  return {};
}

}  // namespace pgrehearse
