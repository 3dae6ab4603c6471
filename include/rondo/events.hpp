// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of events: targets and their listeners, what aborts operations, and the global object.
#include <rondo/base/config.hpp>
#include <rondo/events/abort_signal.hpp>
#include <rondo/events/event.hpp>
#include <rondo/events/event_target.hpp>
#include <rondo/events/global_scope.hpp>
#include <rondo/promise.hpp>
