// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of streams: `ReadableStream`, `WritableStream`, `TransformStream`, and what they are made of.
/// https://developer.mozilla.org/docs/Web/API/Streams_API

#include <rondo/base/config.hpp>
#include <rondo/streams/queuing_strategy.hpp>
#include <rondo/streams/readable_byte_stream_controller.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/readable_stream_async_iterator.hpp>
#include <rondo/streams/readable_stream_byob_reader.hpp>
#include <rondo/streams/readable_stream_byob_request.hpp>
#include <rondo/streams/readable_stream_default_controller.hpp>
#include <rondo/streams/readable_stream_default_reader.hpp>
#include <rondo/streams/readable_stream_from.hpp>
#include <rondo/streams/readable_stream_tee.hpp>
#include <rondo/streams/uint8_array.hpp>
