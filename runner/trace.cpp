// SPDX-License-Identifier: Apache-2.0
#include "runner/trace.h"

#include <algorithm>
#include <charconv>

namespace pgrehearse {
namespace {

template <class T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// As people write it; of pg_class c and pg_namespace n.
constexpr const char* shown_name =
    "case when n.nspname = 'public' then pg_catalog.quote_ident(c.relname) else pg_catalog.format('%I.%I', n.nspname, "
    "c.relname) end";

}  // namespace

Result<void> Tracer::watch(Connection& session) {
  session_ = &session;
  held_.clear();
  std::string pid = std::to_string(session.backend_pid());
  locks_statement_ = "locks" + pid;
  auto prepared =
      observer_->prepare(locks_statement_, "select relation, mode from pg_catalog.pg_locks where pid = " + pid +
                                               " and locktype = 'relation' and granted and relation >= 16384");
  if (!prepared && prepared.error().sqlstate != "42P05") {
    return environment_error("could not watch locks: " + prepared.error().one_line());
  }
  auto rows = observer_->run(
      "select c.oid, " + std::string(shown_name) +
      ", c.relkind, c.file, i.indrelid from (select oid, relname, relkind, "
      "relnamespace, pg_catalog.pg_relation_filenode(oid) as file from pg_catalog.pg_class where oid >= 16384 and "
      "relkind in ('r', 'p', 'm', 'i', 'I', 'S', 'v', 'f')) c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
      "left join "
      "pg_catalog.pg_index i on i.indexrelid = c.oid where n.nspname !~ '^pg_'");
  if (!rows) return environment_error("could not read the relations: " + rows.error().one_line());
  relations_.clear();
  for (int i = 0; i < rows->size(); ++i) {
    Relation& relation = relations_[number<uint32_t>(rows->at(i, 0))];
    relation.name = rows->at(i, 1);
    relation.kind = rows->at(i, 2).front();
    relation.file = rows->at(i, 3);
    relation.table = number<uint32_t>(rows->at(i, 4));
  }
  count_scans();  // what the session counted before is not of the statements to come
  return {};
}

std::vector<std::pair<uint32_t, int64_t>> Tracer::scan_counts() const {
  std::vector<std::pair<uint32_t, int64_t>> counts;
  for (const auto& [oid, relation] : relations_) counts.emplace_back(oid, relation.scans);
  return counts;
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
  auto locks = observer_->run_prepared({locks_statement_});
  if (!locks) {
    impact.known = false;
    impact.unknown_reason = "the locks could not be read";
    return impact;
  }
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
        bool gone = seen->at(i, 1).empty() && relations_[oid].table && relations_[oid].kind == 'i';
        if (gone) {
          dropped.append(dropped.empty() ? "" : ",").append(quote_literal(relations_[oid].name));
          gone_.push_back(oid);
        }
        if (gone) continue;
        Relation& relation = relations_[oid];
        auto scans = number<int64_t>(seen->at(i, 2));
        bool of_rows = relation.kind == 'r' || relation.kind == 'm' || relation.kind == 'p';
        if (scans < relation.scans) relation.scans = 0;  // the counts were handed over to the server meanwhile
        if (of_rows && scans > relation.scans) entry(impact, oid).scan = true;
        relation.scans = scans;
      }
      if (!dropped.empty()) note_replaced(impact, dropped);
      for (uint32_t oid : gone_) relations_.erase(oid), held_.erase(oid);
      gone_.clear();
    }
  }
  finish(impact);
  return impact;
}

/// REINDEX CONCURRENTLY, and ALTER TABLE when a column's type changes, build another index, which then has the name of the
/// old one; it may have taken over its file.
void Tracer::replace_index(Impact& impact, std::string_view name, uint32_t oid, std::string_view file) {
  auto old = std::ranges::find_if(relations_, [&](const auto& entry) {
    return entry.second.table && entry.first != oid && entry.second.name == name;
  });
  if (old == relations_.end()) return;
  note_file(impact, old->first, file);
  std::ranges::replace(rebuilt_, old->first, oid);
  if (auto held = held_.find(old->first); held != held_.end()) held_[oid] = held->second;
  std::erase(gone_, old->first);
  held_.erase(old->first);
  auto node = relations_.extract(old);
  node.key() = oid;
  relations_.insert(std::move(node));
}

void Tracer::note_replaced(Impact& impact, const std::string& names) {
  auto rows = session_->run(std::string("select ") + shown_name +
                            ", c.oid, pg_catalog.pg_relation_filenode(c.oid) from pg_catalog.pg_class c join "
                            "pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace where c.relkind in "
                            "('i', 'I') and " +
                            shown_name + " operator(pg_catalog.=) any (array[" + names + "])");
  for (int i = 0; rows && i < rows->size(); ++i) {
    replace_index(impact, rows->at(i, 0), number<uint32_t>(rows->at(i, 1)), rows->at(i, 2));
  }
}

Impact Tracer::after_autocommit() {
  Impact impact;
  impact.known = false;
  impact.unknown_reason = "the statement released its locks when it ended";
  auto rows = observer_->run(
      "select c.oid, pg_catalog.pg_relation_filenode(c.oid), c.relkind, " + std::string(shown_name) +
      " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid >= 16384 and "
      "c.relkind in ('r', 'm', 'i', 'S')");
  std::unordered_map<std::string_view, int> new_indexes;
  for (int i = 0; rows && i < rows->size(); ++i) {
    auto oid = number<uint32_t>(rows->at(i, 0));
    note_file(impact, oid, rows->at(i, 1));
    if (!relations_.contains(oid) && rows->at(i, 2) == "i") new_indexes.emplace(rows->at(i, 3), i);
  }
  for (auto [name, row] : new_indexes) replace_index(impact, name, number<uint32_t>(rows->at(row, 0)), rows->at(row, 1));
  // Its scans stay in the session's counts until these are handed over: they are not of the next statement.
  auto before = scan_counts();
  count_scans();
  for (const auto& [oid, scans] : before) {
    const Relation& relation = relations_[oid];
    if (relation.kind != 'i' && relation.kind != 'I' && relation.scans > scans) entry(impact, oid).scan = true;
  }
  finish(impact);
  return impact;
}

}  // namespace pgrehearse
