#pragma once

#include <string>

#include "exchange/request.h"
#include "exchange/settings.h"
#include "http/ports.h"

namespace relay::exchange {

// The request as it goes to one upstream: a fresh head, written into `head`, with that upstream's
// credential and none of the client's; the body as it came. What it refers to are `head`, `request`
// and `client`.
http::UpstreamRequest outgoing_request(const UpstreamSettings& upstream, const Request& request,
                                       http::ClientStream& client, ForwardHeaders forward_headers,
                                       FrameText& head);

// The head of an answer as the client gets it, in the place of what is in `head`; its length is
// left to the caller, who knows whether the body stays what it is.
void write_incoming_head(const Settings& settings, const UpstreamSettings& upstream,
                         const http::AnswerHead& answer, const core::RequestId& id,
                         http::ResponseHead& head);

// How clients reach the relay: as the operator says it, else as this request does.
std::string own_origin(const Settings& settings, const http::ClientStream& client);

}  // namespace relay::exchange
