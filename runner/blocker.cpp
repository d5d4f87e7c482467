// SPDX-License-Identifier: Apache-2.0
#include "runner/blocker.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "runner/trace.h"

namespace pgrehearse {

Result<Impact> observe_behind_writer(Server& server, const std::string& statement) {
  auto observer = server.connect_observer();
  if (!observer) return std::unexpected(observer.error());
  auto session = server.connect_migration();
  if (!session) return std::unexpected(session.error());
  auto writer = server.connect_observer();
  if (!writer) return std::unexpected(writer.error());
  Tracer tracer(*observer);
  if (auto watching = tracer.watch(*session); !watching) return std::unexpected(watching.error());

  auto held = writer->run(
      "begin; do $$ declare t regclass; begin for t in select oid from pg_class where relkind in ('r', 'p') and oid >= "
      "16384 "
      "and relpersistence <> 't' loop execute format('lock table only %s in row exclusive mode', t); end loop; end $$");
  if (!held) return environment_error("could not hold the tables open: " + held.error().one_line());

  std::string waiting = "select 1 from pg_stat_activity where pid = " + std::to_string(session->backend_pid()) +
                        " and wait_event_type = 'Lock'";
  session->set_deadline(Clock::now() + std::chrono::seconds(30));
  std::atomic<bool> ended = false;
  SqlResult<Rows> answer = Rows();
  std::thread runner([&] {
    answer = session->run(statement);
    ended = true;
  });
  Impact impact;
  bool seen = false;
  while (!ended && !seen) {
    auto rows = observer->run(waiting);
    if (!rows) break;
    if (rows->size() > 0) {
      impact = tracer.after_statement(false);
      seen = true;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  (void)writer->run("rollback");
  runner.join();

  bool reindexed = statement.size() > 7 && (statement.starts_with("REINDEX") || statement.starts_with("reindex"));
  Impact after = tracer.after_autocommit(reindexed);
  for (const RelationImpact& relation : after.relations) {
    auto found = std::ranges::find(impact.relations, relation.name, &RelationImpact::name);
    if (found == impact.relations.end()) {
      impact.relations.push_back(relation);
    } else {
      found->rewrite |= relation.rewrite;
      found->index_rebuild |= relation.index_rebuild;
      found->scan |= relation.scan;
    }
  }
  if (!seen) {
    impact.known = false;
    impact.unknown_reason = "the statement did not wait for the writer, so that its locks were not seen";
  }
  if (!answer) impact.sqlstate = answer.error().sqlstate;
  return impact;
}

}  // namespace pgrehearse
