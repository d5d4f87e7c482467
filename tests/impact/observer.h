// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cases.h"

namespace pgrehearse::test {

/// A PostgreSQL server of one's own in a private folder, stopped and removed at the end.
class TestServer {
 public:
  explicit TestServer(std::string bin);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  std::string conninfo() const { return "host=" + folder_ + " port=5432 user=postgres dbname=postgres"; }

 private:
  std::string run(const std::string& command) const;
  std::string bin_;
  std::string folder_;
};

/// Runs cases on a server and sees what they do.
class Observer {
 public:
  explicit Observer(const std::string& conninfo);
  ~Observer();
  int major() const { return major_; }
  Observed observe(const Case& item);

 private:
  struct Session;
  Observed in_transaction(const Case& item);
  Observed while_waiting(const Case& item);
  std::unique_ptr<Session> main_, holder_, watcher_;
  int major_ = 0;
};

/// The folders with server programs to test: PGREHEARSE_PG_BIN, PGREHEARSE_PG_BINS (colon separated), else the
/// installed ones.
std::vector<std::string> server_folders();

}  // namespace pgrehearse::test
