// SPDX-License-Identifier: MIT
#pragma once

/// JavaScript's event loop: the chapters base to web.

#include <rondo/base/config.hpp>
#include <rondo/events.hpp>
#include <rondo/fwd.hpp>
#include <rondo/host.hpp>
#include <rondo/iteration.hpp>
#include <rondo/loop.hpp>
#include <rondo/promise.hpp>
#include <rondo/web.hpp>
