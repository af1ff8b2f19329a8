#pragma once

#include <libpq-fe.h>

#include "base/result.h"

// All functions of libpq that we call.
// clang-format off
#define RELAY_LIBPQ_FUNCTIONS(each) \
  each(PQclear) each(PQcmdTuples) each(PQconnectdbParams) each(PQconsumeInput) \
  each(PQenterPipelineMode) each(PQerrorMessage) each(PQexitPipelineMode) each(PQfinish) \
  each(PQflush) each(PQfreemem) each(PQgetResult) each(PQgetisnull) each(PQgetlength) \
  each(PQgetvalue) each(PQisBusy) each(PQnotifies) each(PQnparams) each(PQntuples) \
  each(PQparamtype) each(PQpingParams) each(PQpipelineSync) each(PQresultErrorField) \
  each(PQresultErrorMessage) each(PQresultStatus) each(PQsendDescribePrepared) \
  each(PQsendPrepare) each(PQsendQuery) each(PQsendQueryParams) each(PQsendQueryPrepared) \
  each(PQserverVersion) each(PQsetNoticeProcessor) each(PQsetnonblocking) each(PQsocket) \
  each(PQstatus) each(PQtransactionStatus)
// clang-format on

namespace relay::store {

// libpq, to which nothing is linked: with the twenty libraries that it needs it takes 3 MiB of
// every process that has it, and most have no PostgreSQL.
struct Libpq {
#define RELAY_LIBPQ_MEMBER(function) decltype(&::function) function = nullptr;
  RELAY_LIBPQ_FUNCTIONS(RELAY_LIBPQ_MEMBER)
#undef RELAY_LIBPQ_MEMBER
};

// The one of this process. It is loaded, or found missing, at the first call of any thread, and
// never closed: what it needs has registered itself for the end of the process. See load_libpq().
const Result<Libpq>& libpq();

// Loads it from `file`. not_found: it is not there, or lacks a function. `detail` says what to do.
Result<Libpq> load_libpq(const char* file);

}  // namespace relay::store
