// 14. Loading an image
// SPDX-License-Identifier: MIT
//
// An image is asked for, and comes later; meanwhile the page lives on. Who looks into the file and decodes it is the
// browser, behind the page: here, a thread of the pool. In JavaScript, in a browser:
//
//     const image = new Image();
//     image.onload = () => console.log(image.width, 'x', image.height);
//     image.onerror = () => console.log('This is no image.');
//     image.src = 'sun.ppm';
//     console.log('…');

#include "picture.hpp"

#include <rondo/rondo.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

using namespace rondo;
using namespace std::literals;
namespace fs = std::filesystem;

class Image : public EventTarget {
public:
    ~Image() override { loading_.abort(); }

    /// Starts to load it; fires `load`, or an `error` that says why. What was being loaded before is given up.
    void src(std::string path) {
        loading_.abort();
        loading_ = AbortController();
        load(this, std::move(path), loading_.signal());
    }
    template <class F>
    void onload(F&& f) {
        eventHandler("load", std::forward<F>(f));
    }
    template <class F>
    void onerror(F&& f) {
        eventHandler("error", std::forward<F>(f));
    }
    const Picture& picture() const { return picture_; }

private:
    static Promise<> load(Image* self, std::string path, AbortSignal signal) {
        const auto loaded = co_await offload({.signal = signal}, loadPicture, path).settled();
        if (signal.aborted()) co_return; // and `self` may be gone
        if (loaded.fulfilled()) {
            self->picture_ = loaded.value();
            self->dispatchEvent(Event("load"));
        } else {
            self->dispatchEvent(ErrorEvent("error", loaded.reason()));
        }
    }

    Picture picture_;
    AbortController loading_;
};

// A folder with pictures that we paint ourselves.
struct Gallery {
    Gallery() {
        fs::create_directory(folder);
        const std::string ball = paintBall();
        write("ball.ppm", "P6 64 64 255\n" + ball);
        write("chess.pgm", "P2 # in digits\n3 3 9\n 8 4 8\n 4 8 4\n 8 4 8\n");
        write("bars.bmp", "BM" + little(54 + 2 * 8) + little(0) + little(54) + little(40) + little(2) + little(2) +
                              "\1\0\30\0"s + std::string(24, '\0') + // one plane, 24 bits, not compressed
                              "\0\0\xff\0\0\xff\0\0"s + "\xff\xff\xff\x80\x80\x80\0\0"s);
        write("cut off.ppm", "P6 64 64 255\n" + ball.substr(0, 5000));
        write("vast.pgm", "P5 4294967295 4294967295 255\n");
        write("shopping list.pgm", "P2 butter, bread\n");
        write("letter.txt", "Dear Ada,");
    }
    Gallery(const Gallery&) = delete;
    Gallery& operator=(const Gallery&) = delete;
    ~Gallery() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }

    void write(const char* name, const std::string& bytes) const {
        std::ofstream(folder / name, std::ios::binary) << bytes;
    }
    // Four bytes, the lowest first.
    static std::string little(int n) {
        std::string bytes;
        for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(n >> shift & 0xff);
        return bytes;
    }
    // A ball in the light, 64 by 64: red, green and blue of each point, row by row.
    static std::string paintBall() {
        std::string bytes;
        for (int y = -32; y < 32; ++y) {
            for (int x = -32; x < 32; ++x) {
                const int shade = ((x + 12) * (x + 12) + (y + 12) * (y + 12)) / 9;
                bytes.append(3, static_cast<char>(x * x + y * y < 1000 ? 255 - std::min(shade, 215) : 0));
            }
        }
        return bytes;
    }

    fs::path folder = fs::temp_directory_path() / ("rondo_gallery_" + std::to_string(getpid()));
};

std::string messageOf(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
        return thrown.what();
    }
}

Promise<> show(fs::path path) {
    const std::string name = path.filename().string();
    Image image;
    const auto shown = Promise<>::withResolvers();
    image.onload([&] {
        const Picture& picture = image.picture();
        console.log(name, "has", picture.width, "x", picture.height, "points:");
        console.log(picture.letters(std::min<std::size_t>(36, 4 * picture.width),
                                    std::min<std::size_t>(18, 2 * picture.height)));
        shown.resolve();
    });
    image.onerror([&](ErrorEvent& event) {
        console.log(name, "cannot be shown:", messageOf(event.error()));
        shown.resolve();
    });
    image.src(path.string());
    console.log(name, "…");
    co_await shown.promise;
}

Promise<> main_() {
    const Gallery gallery;
    for (const char* name : {"ball.ppm", "chess.pgm", "bars.bmp", "cut off.ppm", "vast.pgm", "shopping list.pgm",
                             "letter.txt", "missing.ppm"}) {
        co_await show(gallery.folder / name);
    }
}

int main() { return run(main_); }
