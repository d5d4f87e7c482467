// SPDX-License-Identifier: Apache-2.0
// usage: bench_libpq CONNECTION FOLDER: the floor for rehearsing. Sends the migrations of the folder, in order, through
// libpq and does nothing else: for each one up, up again, down, down again, up. Prints wall seconds, connecting
// included.
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

static std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::vector<std::filesystem::path> ups;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    if (entry.path().filename().string().find("__rollback_") == std::string::npos) ups.push_back(entry.path());
  }
  std::ranges::sort(ups);

  auto begin = std::chrono::steady_clock::now();
  PGconn* connection = PQconnectdb(argv[1]);
  if (PQstatus(connection) != CONNECTION_OK) {
    std::fputs(PQerrorMessage(connection), stderr);
    return 3;
  }
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  for (const auto& path : ups) {
    std::string name = path.filename();
    size_t gap = name.find("__") + 2;
    std::string up = read(path), down = read(path.parent_path() / name.insert(gap, "rollback_"));
    for (const std::string* text : {&up, &up, &down, &down, &up}) {
      PGresult* result = PQexec(connection, text->c_str());
      if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        std::fprintf(stderr, "%s: %s", path.c_str(), PQresultErrorMessage(result));
        return 3;
      }
      PQclear(result);
    }
  }
  PQfinish(connection);
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  std::printf("%.6f\n", wall.count());
}
