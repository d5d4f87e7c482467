// SPDX-License-Identifier: Apache-2.0
// libpq's functions, which are looked up when a server is needed; for connection.cpp alone.
#pragma once
#include <libpq-fe.h>

namespace pgrehearse {

// X(name): every function of libpq that we call.
#define PGREHEARSE_LIBPQ(X)                                                                                    \
  X(PQconnectStartParams)                                                                                      \
  X(PQconnectPoll) X(PQfinish) X(PQstatus) X(PQtransactionStatus) X(PQserverVersion) X(PQparameterStatus)      \
      X(PQbackendPID) X(PQhost) X(PQerrorMessage) X(PQsocket) X(PQsendQuery) X(PQgetResult) X(PQisBusy)        \
          X(PQconsumeInput) X(PQflush) X(PQsetnonblocking) X(PQputCopyData) X(PQputCopyEnd) X(PQclear)         \
              X(PQresultStatus) X(PQresultErrorField) X(PQresultErrorMessage) X(PQntuples) X(PQgetvalue)       \
                  X(PQgetlength) X(PQnfields) X(PQftype) X(PQgetisnull) X(PQcmdStatus) X(PQgetCancel) X(PQcancel) X(PQfreeCancel)      \
                      X(PQsetNoticeReceiver) X(PQsendPrepare) X(PQsendQueryPrepared) X(PQsendQueryParams)      \
                          X(PQenterPipelineMode) X(PQexitPipelineMode) X(PQpipelineSync) X(PQsendFlushRequest) \
                              X(PQgetCopyData) X(PQfreemem)

struct Libpq {
#define X(name) decltype(&::name) name = nullptr;
  PGREHEARSE_LIBPQ(X)
#undef X
};

/// Empty until Connection::load_library() has succeeded.
extern Libpq libpq;

}  // namespace pgrehearse
