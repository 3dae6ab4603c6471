// SPDX-License-Identifier: MIT
#pragma once

#include "model/on_model.hpp"
#include "model/on_rondo.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace programs {

/// Both journals side by side, up to a little behind the first line that differs.
inline std::string sideBySide(std::string_view model, std::string_view rondo) {
    const auto takeLine = [](std::string_view& text) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == text.npos ? std::string_view() : text.substr(end + 1);
        return std::string(line);
    };
    std::string out;
    int behind = 0;
    while ((!model.empty() || !rondo.empty()) && behind < 10) {
        std::string left = takeLine(model);
        const std::string right = takeLine(rondo);
        const bool same = left == right;
        if (!same || behind > 0) ++behind;
        left.resize(std::max<std::size_t>(left.size(), 44), ' ');
        out += (same ? "    " : "  ! ") + left + "  " + right + "\n";
    }
    return out;
}

/// Runs the program that the bytes mean on the model and on Rondo. Empty if both do the same; else what they do.
inline std::string difference(std::span<const std::uint8_t> bytes) {
    const Program program(bytes);
    OnModel model(program);
    model.runAll();
    OnRondo rondo(program);
    rondo.runAll();
    if (model.journal() == rondo.journal()) return {};
    return program.text() + "\n    tick, and what happens: the model            Rondo\n" +
           sideBySide(model.journal(), rondo.journal());
}

}
