// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/promise/promise.hpp>
#include <rondo/streams/read_request.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

namespace rondo::http {

/// Reads a stream to its end: `ReadableStreamDefaultReaderReadAllBytes`.
/// https://streams.spec.whatwg.org/#readablestreamdefaultreader-read-all-bytes
///
/// It keeps the stream, and owns itself until the end has come; the stream stays locked behind that. When nobody can
/// answer it any more, or the loop goes, it goes without a word.
class BodyReader : private streams::ReadRequest<Uint8Array>, public base::Pooled {
public:
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;
    virtual ~BodyReader() = default;

    /// Reads, and answers with what `done` and `failed` do, perhaps here and now.
    void start() noexcept {
        do {
            step_ = Step::reading;
            static_cast<streams::TypedReadable<Uint8Array>&>(*reader_.ref()->stream()).read(*this);
        } while (step_ == Step::again);
        if (step_ == Step::ended) return delete this;
        step_ = Step::waiting;
    }

protected:
    /// `TypeError` if the stream is locked.
    explicit BodyReader(const ReadableStream<Uint8Array>& stream) : reader_(stream.getReader()) {}

private:
    enum class Step : unsigned char { waiting, reading, again, ended };

    virtual void done(Uint8Array&& bytes) noexcept = 0;
    virtual void failed(const std::exception_ptr& reason) noexcept = 0;

    void chunk(Uint8Array&& bytes) noexcept override {
        try {
            size_ += bytes.length();
            chunks_.push_back(std::move(bytes));
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
        try {
            if (chunks_.size() == 1) {
                done(std::move(chunks_[0]));
            } else {
                Uint8Array all(size_);
                std::size_t at = 0;
                for (const Uint8Array& each : chunks_) {
                    all.set(each, at);
                    at += each.length();
                }
                done(std::move(all));
            }
        } catch (...) {
            failed(std::current_exception());
        }
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

    ReadableStreamDefaultReader<Uint8Array> reader_;
    std::vector<Uint8Array> chunks_;
    std::size_t size_ = 0;
    Step step_ = Step::waiting;
};

/// One that promises what `Convert` makes of the bytes.
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

    void done(Uint8Array&& bytes) noexcept override {
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
