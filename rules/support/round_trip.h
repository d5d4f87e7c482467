// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "linter/context.h"
#include "migration/round_trip.h"

namespace pgrehearse {

/// Whether rules about the round trip may have something to say: nobody marked the migration as irreversible, and its
/// down part does something, or had nothing to undo but rows.
bool can_judge(const RoundTrip& trip, Context& context);

/// The rule that tells of a difference. One difference, one rule.
enum class RoundTripTopic : uint8_t { missing_inverse, too_much, previous_body, protection, irreversible };
RoundTripTopic topic_of(const Difference& difference);

/// Those of the topic. Not what the down part may restore by SQL that cannot be followed, nor what it names in a DROP,
/// which then failed for another reason.
std::vector<const Difference*> differences(const RoundTrip& trip, RoundTripTopic topic, Context& context);

/// At the first statement of the down part, with the statement that it lacks as help and as an unsafe fix.
Finding& report_difference(Context& context, const Difference& difference, std::string message);
/// "leaves index a, which the up part makes", "does not bring back ...", whatever fits.
std::string sentence_about(const Difference& difference);

}  // namespace pgrehearse
