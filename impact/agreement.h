// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/impact.h"
#include "impact/forecast.h"

namespace pgrehearse {

/// One relation on which the model and a server do not agree. `relation` as the observer prints it.
struct Disagreement {
  std::string relation;
  RelationImpact predicted, observed;
  std::string text() const;  ///< orders: ACCESS EXCLUSIVE, rewritten expected, ACCESS EXCLUSIVE seen
};

struct Comparison {
  enum class Verdict : unsigned char {
    equal,
    different,
    unknown,     ///< the model said that it does not know
    unobserved,  ///< the locks were gone before anybody could look
  };
  Verdict verdict = Verdict::equal;
  int relations = 0;  ///< compared, or only predicted
  std::vector<Disagreement> differences;
};

/// Holds what a Tracer saw of a part's statements against their forecasts. To be asked in the order of the statements:
/// a lock that the transaction holds already is not seen again.
class Agreement {
 public:
  explicit Agreement(const std::vector<Forecast>& forecasts) : forecasts_(forecasts) {}
  /// `failed`: the server refused the statement, so that what it did before counts for nothing.
  Comparison compare(size_t index, const Impact& observed, bool failed = false);

 private:
  struct Held {
    std::string relation;
    LockMode mode;
    size_t until;
  };
  LockMode held(std::string_view relation, size_t index) const;

  const std::vector<Forecast>& forecasts_;
  std::vector<Held> held_;
};

}  // namespace pgrehearse
