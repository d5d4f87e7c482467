// SPDX-License-Identifier: Apache-2.0
#include "runner/trace.h"

#include <algorithm>

#include "runner/number.h"

namespace pgrehearse {
namespace {

/// As people write it; of pg_class c and pg_namespace n.
constexpr const char* shown_name =
    "case when n.nspname operator(pg_catalog.=) 'public' then '' else pg_catalog.quote_ident(n.nspname) "
    "operator(pg_catalog.||) '.' end operator(pg_catalog.||) pg_catalog.quote_ident(c.relname)";

/// Bytes since the beginning of the write-ahead log.
const Connection::Call log_position{"log position", "select (pg_current_wal_insert_lsn() - '0/0')::bigint", {}};

}  // namespace

void Tracer::note_log(std::string_view position) {
  std::optional<int64_t> before = log_position_;
  log_position_.reset();
  if (!position.empty()) log_position_ = number<int64_t>(position);
  wal_bytes_.reset();
  if (before && log_position_) wal_bytes_ = *log_position_ - *before;
}

Result<void> Tracer::watch(Connection& session) {
  session_ = &session;
  held_.clear();
  // Oids are not used again: what is remembered of a relation that is gone does no harm.
  bool only_new = session.server_version() >= 140000;
  if (!only_new) relations_.clear();
  auto found = observer_->run_prepared(
      {{"oldest transaction",
        only_new ? "select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.xid" : "select 3",
        {}},
       {"relations",
        std::string("select c.oid, ") + shown_name +
            ", c.relkind, c.relfilenode, (select i.indrelid from pg_catalog.pg_index i "
            "where i.indexrelid = c.oid) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = "
            "c.relnamespace where c.oid >= 16384 and c.relkind in ('r', 'p', 'm', 'i', 'I', 'S', 'v', 'f') and "
            "n.nspname !~ "
            "'^pg_' and (pg_catalog.age(c.xmin) <= pg_catalog.age($1::pg_catalog.xid) or pg_catalog.age(n.xmin) <= "
            "pg_catalog.age($1::pg_catalog.xid))",
        {since_}},
       log_position});
  if (!found) return environment_error("could not read the relations: " + found.error().one_line());
  since_ = found->front().at(0, 0);
  const Rows& rows = (*found)[1];
  note_log(found->back().at(0, 0));
  for (int i = 0; i < rows.size(); ++i) {
    Relation& relation = relations_[number<uint32_t>(rows.at(i, 0))];
    relation.name = rows.at(i, 1);
    relation.kind = rows.at(i, 2).front();
    relation.file = rows.at(i, 3) == "0" ? std::string_view() : rows.at(i, 3);
    relation.table = number<uint32_t>(rows.at(i, 4));
  }
  newest_ = 0;
  for (const auto& [oid, relation] : relations_) newest_ = std::max(newest_, oid);
  // What the session counted before is not of the statements to come. From 15 on it can be told to hand its counts
  // over.
  for (auto& [oid, relation] : relations_) relation.scans = 0, relation.gone = false;
  if (session.server_version() >= 150000) {
    (void)session.run("select pg_catalog.pg_stat_force_next_flush()");
    return {};
  }
  count_scans();
  return {};
}

void Tracer::count_scans() {
  if (relations_.empty()) return;
  std::string oids;
  for (const auto& [oid, relation] : relations_) oids.append(oids.empty() ? "" : ",").append(std::to_string(oid));
  auto scans = session_->run("select o, pg_catalog.pg_stat_get_xact_numscans(o) from pg_catalog.unnest('{" + oids +
                             "}'::pg_catalog.oid[]) o");
  for (int i = 0; scans && i < scans->size(); ++i) {
    relations_[number<uint32_t>(scans->at(i, 0))].scans = number<int64_t>(scans->at(i, 1));
  }
}

RelationImpact& Tracer::entry(Impact& impact, uint32_t oid) {
  const std::string& name = relations_[oid].name;
  auto found = std::ranges::find(impact.relations, name, &RelationImpact::name);
  if (found != impact.relations.end()) return *found;
  impact.relations.push_back({});
  impact.relations.back().name = name;
  return impact.relations.back();
}

void Tracer::note_file(Impact& impact, uint32_t oid, std::string_view file) {
  auto found = relations_.find(oid);
  if (found == relations_.end() || file.empty() || found->second.file == file) return;
  found->second.file = file;
  entry(impact, oid).rewrite = true;
  if (found->second.table) rebuilt_.push_back(oid);
}

void Tracer::finish(Impact& impact) {
  for (uint32_t index : rebuilt_) {
    uint32_t table = relations_[index].table;
    if (!relations_.contains(table)) continue;
    RelationImpact& of_table = entry(impact, table);
    if (!of_table.rewrite) of_table.index_rebuild = true;
  }
  rebuilt_.clear();
  std::ranges::sort(impact.relations, {}, &RelationImpact::name);
}

Impact Tracer::after_statement(bool ask_session) {
  Impact impact;
  auto locks = observer_->run_prepared({{"locks",
                                         "select relation, mode from pg_catalog.pg_locks where pid = $1::int and "
                                         "locktype = 'relation' and granted and relation between 16384 and $2::oid",
                                         {std::to_string(session_->backend_pid()), std::to_string(newest_)}},
                                        log_position});
  wal_bytes_.reset();
  if (!locks) {
    impact.known = false;
    impact.unknown_reason = "the locks could not be read";
    return impact;
  }
  note_log(locks->back().at(0, 0));
  const Rows& rows = locks->front();
  for (int i = 0; i < rows.size(); ++i) {
    auto oid = number<uint32_t>(rows.at(i, 0));
    auto mode = parse_lock_mode(rows.at(i, 1));
    if (!mode || !relations_.contains(oid)) continue;
    // What planning leaves on an index: nobody waits for it, and minor releases differ in keeping it.
    if (*mode == LockMode::access_share && relations_[oid].table) continue;
    LockMode& before = held_[oid];
    if (*mode <= before) continue;
    before = *mode;
    RelationImpact& of = entry(impact, oid);
    of.lock = std::max(of.lock, *mode);
  }
  if (ask_session && !held_.empty()) {
    std::string oids;
    for (const auto& [oid, mode] : held_) oids.append(oids.empty() ? "" : ",").append(std::to_string(oid));
    auto seen = session_->run(
        "select o, pg_catalog.pg_relation_filenode(o::pg_catalog.regclass), pg_catalog.pg_stat_get_xact_numscans(o) "
        "from "
        "pg_catalog.unnest('{" +
        oids + "}'::pg_catalog.oid[]) o");
    if (seen) {
      std::string dropped;  // indexes, whose names may have come back
      for (int i = 0; i < seen->size(); ++i) {
        auto oid = number<uint32_t>(seen->at(i, 0));
        note_file(impact, oid, seen->at(i, 1));
        Relation& relation = relations_[oid];
        if (seen->at(i, 1).empty() && relation.kind == 'i') {
          if (relation.gone) continue;
          relation.gone = true;
          gone_.push_back(oid);
          dropped.append(dropped.empty() ? "" : ",").append(quote_literal(relation.name));
          continue;
        }
        auto scans = number<int64_t>(seen->at(i, 2));
        bool of_rows = relation.kind == 'r' || relation.kind == 'm' || relation.kind == 'p';
        if (scans < relation.scans) relation.scans = 0;  // the counts were handed over to the server meanwhile
        if (of_rows && scans > relation.scans) entry(impact, oid).scan = true;
        relation.scans = scans;
      }
      if (!dropped.empty()) note_replaced(impact, dropped);
      gone_.clear();
    }
  }
  finish(impact);
  return impact;
}

/// REINDEX CONCURRENTLY, and ALTER TABLE when a column's type changes, build another index, which then has the name of
/// the old one; it may have taken over its file.
void Tracer::replace_index(Impact& impact, std::string_view name, uint32_t oid, std::string_view file) {
  auto old = std::ranges::find_if(gone_, [&](uint32_t one) { return one != oid && relations_[one].name == name; });
  if (old == gone_.end()) return;
  uint32_t before = *old;
  gone_.erase(old);
  note_file(impact, before, file);
  std::ranges::replace(rebuilt_, before, oid);
  Relation now = relations_[before];
  now.gone = false;
  relations_[oid] = std::move(now);
  held_[oid] = held_[before];
}

void Tracer::note_replaced(Impact& impact, const std::string& names) {
  auto rows =
      session_->run(std::string("select ") + shown_name +
                    ", c.oid, pg_catalog.pg_relation_filenode(c.oid) from pg_catalog.pg_class c join "
                    "pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace where c.relkind in "
                    "('i', 'I') and " +
                    shown_name + " operator(pg_catalog.=) any (array[" + names + "])");
  for (int i = 0; rows && i < rows->size(); ++i) {
    replace_index(impact, rows->at(i, 0), number<uint32_t>(rows->at(i, 1)), rows->at(i, 2));
  }
}

Impact Tracer::after_autocommit(bool reindexed) {
  Impact impact;
  impact.known = false;
  impact.unknown_reason = "the statement released its locks when it ended";
  wal_bytes_.reset();
  if (auto position = observer_->run_prepared({log_position})) note_log(position->front().at(0, 0));
  auto rows =
      observer_->run(std::string("select c.oid, pg_catalog.pg_relation_filenode(c.oid), c.relkind, ") + shown_name +
                     " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where "
                     "c.oid >= 16384 and c.relkind in ('r', 'm', 'i', 'S')");
  std::vector<uint32_t> present;
  for (int i = 0; rows && i < rows->size(); ++i) {
    present.push_back(number<uint32_t>(rows->at(i, 0)));
    note_file(impact, present.back(), rows->at(i, 1));
  }
  if (reindexed && rows) {
    std::ranges::sort(present);
    for (const auto& [oid, relation] : relations_) {
      if (relation.kind == 'i' && !std::ranges::binary_search(present, oid)) gone_.push_back(oid);
    }
    for (int i = 0; i < rows->size(); ++i) {
      auto oid = number<uint32_t>(rows->at(i, 0));
      if (rows->at(i, 2) == "i" && !relations_.contains(oid))
        replace_index(impact, rows->at(i, 3), oid, rows->at(i, 1));
    }
    gone_.clear();
  }
  // Its scans stay in the session's counts until these are handed over: they are not of the next statement.
  std::vector<std::pair<uint32_t, int64_t>> before;
  for (const auto& [oid, relation] : relations_) before.emplace_back(oid, relation.scans);
  count_scans();
  for (const auto& [oid, scans] : before) {
    const Relation& relation = relations_[oid];
    if (relation.table == 0 && relation.scans > scans) entry(impact, oid).scan = true;
  }
  finish(impact);
  return impact;
}

}  // namespace pgrehearse
