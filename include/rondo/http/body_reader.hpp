// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/promise/promise.hpp>
#include <rondo/streams/read_request.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace rondo::http {

/// The bytes of a body, in the pieces in which they came.
class Collected {
public:
    Collected() noexcept = default;
    explicit Collected(Uint8Array bytes) { add(std::move(bytes)); }

    void add(Uint8Array&& bytes) {
        if (bytes.empty()) return;
        chunks_.push_back(std::move(bytes));
        size_ += chunks_.back().length();
    }

    /// All of them, in one piece: the memory of a single one is taken over.
    Uint8Array bytes() && {
        if (chunks_.empty()) return {};
        return chunks_.size() == 1 ? std::move(chunks_[0]) : Uint8Array(joined());
    }
    std::string text() && { return joined(); }

private:
    /// Each piece goes as soon as it has been copied.
    std::string joined() {
        std::string all;
        all.reserve(size_);
        for (Uint8Array& each : chunks_) {
            const Uint8Array taken = std::move(each);
            all += taken.text();
        }
        return all;
    }

    std::vector<Uint8Array> chunks_;
    std::size_t size_ = 0;
};

/// Reads a stream to its end: `ReadableStreamDefaultReaderReadAllBytes`.
/// https://streams.spec.whatwg.org/#readablestreamdefaultreader-read-all-bytes
///
/// It owns itself until the end has come; the stream stays locked behind that. It does not keep the stream, but is dropped
/// with it, without a word: that is when nobody is left who could answer it.
class BodyReader : private streams::ReadRequest<Uint8Array>, public base::Pooled {
public:
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;
    virtual ~BodyReader() = default;

    /// Reads, and answers with what `done` and `failed` do, perhaps here and now.
    void start() noexcept {
        const auto kept =
            base::CountedRef<streams::ReadableState>::shared(stream_); // perhaps its end, and that of this
        do {
            step_ = Step::reading;
            stream_.read(*this);
        } while (step_ == Step::again);
        if (step_ == Step::ended) return delete this;
        step_ = Step::waiting;
    }

protected:
    /// `TypeError` if the stream is locked.
    explicit BodyReader(const ReadableStream<Uint8Array>& stream) : stream_(stream.state()) {
        stream_.refuseLocked();
        stream_.attachSilently(streams::ReadableState::ReaderKind::byDefault, nullptr);
    }

private:
    enum class Step : unsigned char { waiting, reading, again, ended };

    virtual void done(Collected&& bytes) noexcept = 0;
    virtual void failed(const std::exception_ptr& reason) noexcept = 0;

    void chunk(Uint8Array&& bytes) noexcept override {
        try {
            collected_.add(std::move(bytes));
        } catch (...) {
            failed(std::current_exception());
            return end();
        }
        if (step_ == Step::reading) {
            step_ = Step::again; // and not deeper and deeper
        } else {
            start();
        }
    }
    void close() noexcept override {
        done(std::move(collected_));
        end();
    }
    void error(const std::exception_ptr& reason) noexcept override {
        failed(reason);
        end();
    }
    void drop() noexcept override { end(); }

    void end() noexcept {
        if (step_ == Step::reading) {
            step_ = Step::ended;
        } else {
            delete this;
        }
    }

    streams::TypedReadable<Uint8Array>& stream_;
    Collected collected_;
    Step step_ = Step::waiting;
};

/// One that promises what `Convert` makes of the `Collected`.
template <class T, class Convert>
class ConvertingReader final : public BodyReader {
public:
    static Promise<T> read(const ReadableStream<Uint8Array>& stream, Convert convert) {
        auto resolvers = Promise<T>::withResolvers(); // before the stream is locked
        Promise<T> promised = resolvers.promise;
        (new ConvertingReader(stream, std::move(convert), std::move(resolvers)))->start();
        return promised;
    }

private:
    ConvertingReader(const ReadableStream<Uint8Array>& stream, Convert convert, PromiseWithResolvers<T> resolvers)
        : BodyReader(stream), resolve_(std::move(resolvers.resolve)), reject_(std::move(resolvers.reject)),
          convert_(std::move(convert)) {}

    void done(Collected&& bytes) noexcept override {
        try {
            resolve_(convert_(std::move(bytes)));
        } catch (...) {
            failed(std::current_exception());
        }
    }
    void failed(const std::exception_ptr& reason) noexcept override { reject_(reason); }

    promise::Resolve<T> resolve_;
    promise::Reject<T> reject_;
    Convert convert_;
};

}
