// SPDX-License-Identifier: Apache-2.0
// libpq's functions, which are looked up when a server is needed; for connection.cpp alone.
#pragma once
#include <libpq-fe.h>

namespace pgrehearse {

// X(name): every function of libpq that we call.
// clang-format off
#define PGREHEARSE_LIBPQ(X) \
  X(PQbackendPID) X(PQcancel) X(PQclear) X(PQcmdStatus) X(PQconnectPoll) X(PQconnectStartParams) \
  X(PQconsumeInput) X(PQenterPipelineMode) X(PQerrorMessage) X(PQexitPipelineMode) X(PQfinish) X(PQflush) \
  X(PQfreeCancel) X(PQfreemem) X(PQftype) X(PQgetCancel) X(PQgetCopyData) X(PQgetisnull) X(PQgetlength) \
  X(PQgetResult) X(PQgetvalue) X(PQhost) X(PQisBusy) X(PQnfields) X(PQntuples) X(PQparameterStatus) \
  X(PQpipelineSync) X(PQputCopyData) X(PQputCopyEnd) X(PQresultErrorField) X(PQresultErrorMessage) \
  X(PQresultStatus) X(PQsendFlushRequest) X(PQsendPrepare) X(PQsendQuery) X(PQsendQueryParams) \
  X(PQsendQueryPrepared) X(PQserverVersion) X(PQsetnonblocking) X(PQsetNoticeReceiver) X(PQsocket) X(PQstatus) \
  X(PQtransactionStatus)
// clang-format on

struct Libpq {
#define X(name) decltype(&::name) name = nullptr;
  PGREHEARSE_LIBPQ(X)
#undef X
};

/// Empty until Connection::load_library() has succeeded.
extern Libpq libpq;

}  // namespace pgrehearse
