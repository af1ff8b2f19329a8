#pragma once

#include "base/result.h"
#include "core/allowance.h"
#include "core/price_table.h"
#include "exchange/input_calibration.h"
#include "exchange/key_table.h"
#include "exchange/request.h"
#include "http/head.h"

namespace relay::exchange {

// What has to be set aside for a request, by its key's policy (decision 16):
//
//   estimate  the question by tokenizer, as the upstream was seen to count it and a tenth more,
//             and as many tokens of answer as nineteen of twenty of the key's last ones had: at
//             least limits::output_hold_tokens_min, at most max_tokens
//   strict    a token for each byte of the question, and max_tokens
//
// Nothing for a key without limits that need it, and for what is free: the question is not looked
// into then. forbidden: the key may spend so many dollars, and the model has no price.
Result<core::Hold> hold_for(const KeyEntry& key, const Request& request,
                            const http::RequestHead& head, const InputCalibration& calibration,
                            const core::PriceTable& prices, WallTime now);

}  // namespace relay::exchange
