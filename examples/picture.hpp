// Pictures for the tour: decodes PNM (P2, P3, P5, P6) and BMP files of 24 bits, and draws them with letters.
// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/rondo.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

struct Picture {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> brightness; // 0 to 255, row by row from the top

    /// In so many letters, each of which is as bright as the part of the picture that it stands for.
    std::string letters(std::size_t columns, std::size_t rows) const {
        constexpr std::string_view shades = " .:-=+*#%@";
        std::string text;
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t column = 0; column < columns; ++column) {
                const std::size_t top = row * height / rows;
                const std::size_t left = column * width / columns;
                const std::size_t bottom = std::max((row + 1) * height / rows, top + 1);
                const std::size_t right = std::max((column + 1) * width / columns, left + 1);
                std::size_t sum = 0;
                for (std::size_t y = top; y < bottom; ++y) {
                    for (std::size_t x = left; x < right; ++x) sum += brightness[y * width + x];
                }
                text += shades[sum * shades.size() / ((bottom - top) * (right - left) * 256)];
            }
            text.erase(text.find_last_not_of(' ') + 1);
            text += '\n';
        }
        return text;
    }
};

/// What is still to be read of a file; whatever is not there is an `Error`.
class PictureReader {
public:
    explicit PictureReader(std::string_view bytes) : bytes_(bytes) {}

    std::string_view take(std::size_t count) {
        if (count > bytes_.size()) throw rondo::Error("the file ends too early");
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    /// As BMP writes numbers: the lowest byte first.
    std::uint32_t takeBinary(std::size_t size) {
        std::uint32_t value = 0;
        unsigned shift = 0;
        for (const char c : take(size)) {
            value |= std::uint32_t{static_cast<std::uint8_t>(c)} << shift;
            shift += 8;
        }
        return value;
    }

    /// As PNM writes numbers: in digits, behind white space and comments.
    std::uint32_t takeDigits() {
        constexpr std::string_view space = " \t\n\v\f\r";
        for (;;) {
            bytes_.remove_prefix(std::min(bytes_.find_first_not_of(space), bytes_.size()));
            if (!bytes_.starts_with('#')) break;
            bytes_.remove_prefix(std::min(bytes_.find('\n'), bytes_.size()));
        }
        if (bytes_.empty()) throw rondo::Error("the file ends too early");
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(bytes_.data(), bytes_.data() + bytes_.size(), number);
        if (error == std::errc::result_out_of_range) throw rondo::RangeError("a number is too big");
        if (error != std::errc()) throw rondo::TypeError("there is no number where one must be");
        take(static_cast<std::size_t>(end - bytes_.data()));
        return number;
    }

    std::size_t left() const { return bytes_.size(); }

private:
    std::string_view bytes_;
};

/// Room for a picture of this size.
inline Picture blankPicture(std::uint32_t width, std::uint32_t height) {
    constexpr std::uint64_t most = std::uint64_t{1} << 26;
    if (width == 0 || height == 0) throw rondo::RangeError("the picture is empty");
    if (std::uint64_t{width} * height > most) throw rondo::RangeError("the picture is too big"); // 64 bits are enough
    return {width, height, std::vector<std::uint8_t>(std::size_t{width} * height)};
}

inline std::uint8_t brightnessOf(std::uint64_t red, std::uint64_t green, std::uint64_t blue, std::uint64_t most) {
    return static_cast<std::uint8_t>((299 * red + 587 * green + 114 * blue) * 255 / (1000 * most));
}

/// https://netpbm.sourceforge.net/doc/pnm.html
inline Picture decodePnm(PictureReader reader) {
    const char kind = reader.take(2)[1];
    const bool inDigits = kind == '2' || kind == '3';
    const bool inColour = kind == '3' || kind == '6';
    const std::uint32_t width = reader.takeDigits();
    const std::uint32_t height = reader.takeDigits();
    const std::uint32_t most = reader.takeDigits();
    if (most == 0 || most > 65535) throw rondo::RangeError("the brightest value must be from 1 to 65535");
    if (!inDigits) reader.take(1);

    const auto sample = [&] {
        std::uint32_t value = 0;
        if (inDigits) {
            value = reader.takeDigits();
        } else if (most < 256) {
            value = reader.takeBinary(1);
        } else {
            value = reader.takeBinary(1) << 8; // the highest byte first
            value += reader.takeBinary(1);
        }
        if (value > most) throw rondo::RangeError("a value is brighter than the brightest");
        return value;
    };
    Picture picture = blankPicture(width, height);
    if (reader.left() < picture.brightness.size() * (inColour ? 3 : 1)) throw rondo::Error("the file ends too early");
    for (std::uint8_t& brightness : picture.brightness) {
        const std::uint32_t red = sample();
        const std::uint32_t green = inColour ? sample() : red;
        const std::uint32_t blue = inColour ? sample() : red;
        brightness = brightnessOf(red, green, blue, most);
    }
    return picture;
}

/// https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
inline Picture decodeBmp(const std::string_view bytes) {
    PictureReader header(bytes);
    header.take(10); // "BM", the size of the file, and what is reserved
    const std::uint32_t begin = header.takeBinary(4);
    const std::uint32_t headerSize = header.takeBinary(4);
    if (headerSize < 40) throw rondo::TypeError("the file is a bitmap of a kind that is too old");
    const std::uint32_t width = header.takeBinary(4);
    const std::uint32_t signedHeight = header.takeBinary(4);
    header.take(2);
    const std::uint32_t bits = header.takeBinary(2);
    const std::uint32_t compression = header.takeBinary(4);
    if (bits != 24 || compression != 0) throw rondo::TypeError("the file is a bitmap, but not a plain one of 24 bits");

    const bool fromTop = signedHeight > std::numeric_limits<std::int32_t>::max(); // it is negative
    const std::uint32_t height = fromTop ? 0 - signedHeight : signedHeight;
    PictureReader rows(bytes);
    rows.take(begin);
    const std::uint64_t rowSize = (std::uint64_t{width} * 3 + 3) / 4 * 4;
    Picture picture = blankPicture(width, height);
    if (rows.left() < rowSize * height) throw rondo::Error("the file ends too early");
    for (std::uint32_t i = 0; i < height; ++i) {
        PictureReader row(rows.take(static_cast<std::size_t>(rowSize)));
        const std::size_t y = fromTop ? i : height - 1 - i;
        for (std::size_t x = 0; x < width; ++x) {
            const std::uint32_t blue = row.takeBinary(1);
            const std::uint32_t green = row.takeBinary(1);
            const std::uint32_t red = row.takeBinary(1);
            picture.brightness[y * width + x] = brightnessOf(red, green, blue, 255);
        }
    }
    return picture;
}

inline Picture decodePicture(std::string_view bytes) {
    if (bytes.starts_with("BM")) return decodeBmp(bytes);
    for (const std::string_view kind : {"P2", "P3", "P5", "P6"}) {
        if (bytes.starts_with(kind)) return decodePnm(PictureReader(bytes));
    }
    throw rondo::TypeError("the file is no picture that is known here");
}

/// Blocks while it reads the file.
inline Picture loadPicture(const std::string& path) {
    constexpr std::size_t most = std::size_t{1} << 28;
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw rondo::DOMException(std::generic_category().message(errno), "NotFoundError");
    std::string bytes;
    std::array<char, 65536> buffer;
    while (file.read(buffer.data(), buffer.size()), file.gcount() > 0) {
        bytes.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
        if (bytes.size() > most) throw rondo::RangeError("the file is too big");
    }
    if (file.bad()) throw rondo::Error("the file cannot be read");
    return decodePicture(bytes);
}
