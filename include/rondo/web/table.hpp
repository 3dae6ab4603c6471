// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/order.hpp>
#include <rondo/base/text.hpp>
#include <rondo/web/inspect.hpp>

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace rondo::web {

/// How many columns of a terminal text takes: wide letters take two, accents none, and colours none either.
[[gnu::cold]] inline std::size_t displayWidth(std::string_view text) noexcept {
    struct Range {
        char32_t first;
        char32_t last;
    };
    static constexpr Range none[] = {{0x300, 0x36F},   {0x200B, 0x200F}, {0x20D0, 0x20FF},
                                     {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};
    static constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x3247},   {0x3250, 0x4DBF},   {0x4E00, 0xA4C6},
                                     {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
                                     {0xFE30, 0xFE6B},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F200, 0x1F251},
                                     {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    const auto isIn = [](const auto& ranges, char32_t c) {
        for (const Range& range : ranges) {
            if (c >= range.first && c <= range.last) return true;
        }
        return false;
    };
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        if (lead == 0x1B) { // to the end of the escape sequence
            i = base::lesser(text.find('m', i), text.size() - 1) + 1;
            continue;
        }
        char32_t c = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1FU : lead < 0xF0 ? lead & 0x0FU : lead & 0x07U;
        for (; i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; ++i)
            c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
        width += isIn(none, c) ? 0 : isIn(wide, c) ? 2 : 1;
    }
    return width;
}

/// What `console.table` draws: rows that are told one after the other, and a column for each key that a row has.
///
/// A template, so that only files that draw a table compile it.
template <class Cell = base::SharedText>
class Table {
public:
    /// Only these columns, if any are named.
    explicit Table(std::string_view index, bool colours, const std::initializer_list<std::string_view>* only)
        : index_(index), colours_(colours), fixed_(only != nullptr) {
        if (only) {
            for (const std::string_view title : *only) columns_.emplace_back(title);
        }
    }

    void row(std::string_view index) {
        index_.set(rows_, index);
        ++rows_;
    }
    void cell(std::string_view title, const Value& value) {
        auto column = columns_.begin();
        while (column != columns_.end() && column->cells[0].view() != title) ++column;
        if (column == columns_.end()) {
            if (fixed_) return;
            column = columns_.insert(columns_.end(), Column(title));
        }
        set(*column, value);
    }
    void cell(std::size_t number, const Value& value) {
        base::Text title;
        cell(title.appendNumber(static_cast<long long>(number)).view(), value);
    }
    void value(const Value& value) {
        if (!fixed_) set(values_, value);
    }

    void draw(base::Text& out) {
        columns_.insert(columns_.begin(), std::move(index_));
        if (values_.cells.size() > 1) columns_.push_back(std::move(values_));
        line(out, "┌", "┬", "┐\n");
        for (std::size_t row = 0; row <= rows_; ++row) {
            out += "│";
            for (const Column& column : columns_) {
                const std::string_view text = row < column.cells.size() ? column.cells[row].view() : "";
                ((out += ' ') += text).append(column.width - displayWidth(text), ' ') += " │";
            }
            out += '\n';
            if (row == 0) line(out, "├", "┼", "┤\n");
        }
        line(out, "└", "┴", "┘");
    }

private:
    struct Column {
        explicit Column(std::string_view title) : width(displayWidth(title)) { cells.emplace_back(title); }

        void set(std::size_t row, std::string_view text) {
            cells.resize(base::greater(cells.size(), row + 2), Cell(""));
            cells[row + 1] = Cell(text);
            width = base::greater(width, displayWidth(text));
        }

        std::vector<Cell> cells; // below the title
        std::size_t width;
    };

    void set(Column& column, const Value& value) {
        base::Text text;
        Printer printer(text, {.quoted = true, .colours = colours_, .depth = 0, .maxItems = 3});
        value.print(printer);
        column.set(rows_ - 1, text.view());
    }

    void line(base::Text& out, std::string_view left, std::string_view between, std::string_view right) const {
        for (const Column& column : columns_) {
            out += &column == columns_.data() ? left : between;
            for (std::size_t i = 0; i < column.width + 2; ++i) out += "─";
        }
        out += right;
    }

    std::vector<Column> columns_;
    Column index_;
    Column values_{"Values"};
    std::size_t rows_ = 0;
    bool colours_;
    bool fixed_;
};

/// What consists of items, and is shown as such.
template <class T>
concept Listing = !TextLike<T> && !Utf8Like<T> && !PathLike<T> && (std::is_array_v<T> || !Streamable<T>) &&
                  (isTuple<T> || Iterable<T>);

/// Calls `f` with each item and its number, or its key if that is what it goes by.
template <class T, class F>
void forEachItem(const T& items, F f) {
    std::size_t number = 0;
    if constexpr (isTuple<T>) {
        std::apply([&](const auto&... each) { (f(number++, each), ...); }, items);
    } else if constexpr (MapLike<T>) {
        for (const auto& [key, value] : items) {
            base::Text title;
            Printer printer(title);
            inspect(printer, key);
            f(title.view(), value);
        }
    } else {
        for (auto&& item : items) f(number++, static_cast<const std::iter_value_t<decltype(std::begin(items))>&>(item));
    }
}

template <class T>
void fillRow(Table<>& table, const T& row) {
    if constexpr (isVariant<T>) {
        std::visit([&](const auto& held) { fillRow(table, held); }, row);
    } else if constexpr (isOptional<T>) {
        row ? fillRow(table, *row) : table.value(row);
    } else if constexpr (Listing<T>) {
        forEachItem(row, [&](const auto& title, const auto& value) { table.cell(title, value); });
    } else {
        table.value(row);
    }
}

/// Draws a list of rows. https://console.spec.whatwg.org/#table
///
/// Unlike Node: a map is what an object is there, so its keys are the index, and in a row they are columns.
template <Listing T>
void appendTable(base::Text& out, const T& rows, bool colours,
                 const std::initializer_list<std::string_view>* only = nullptr) {
    Table<> table(SetLike<T> ? "(iteration index)" : "(index)", colours, only);
    forEachItem(rows, [&](const auto& index, const auto& row) {
        base::Text text;
        Printer printer(text);
        inspect(printer, index);
        table.row(text.view());
        fillRow(table, row);
    });
    table.draw(out);
}

}
