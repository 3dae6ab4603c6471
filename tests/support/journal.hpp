// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>
#include <sstream>
#include <string>
#include <string_view>

/// What happened, in order: `Journal log; log("a"); CHECK(log == "a b c")`.
class Journal {
public:
    template <class... Parts>
    void operator()(const Parts&... parts) {
        std::ostringstream line;
        line << std::boolalpha;
        (line << ... << parts);
        if (!text_.empty()) text_ += ' ';
        text_ += line.str();
    }

    const std::string& text() const noexcept { return text_; }
    void clear() noexcept { text_.clear(); }

    friend bool operator==(const Journal& journal, std::string_view expected) { return journal.text_ == expected; }
    friend std::ostream& operator<<(std::ostream& out, const Journal& journal) {
        return out << '"' << journal.text_ << '"';
    }

private:
    std::string text_;
};
