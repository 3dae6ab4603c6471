// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_stream.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

namespace streams {

/// The iterator of a stream that was made of an iterable. `Iterator` may be a reference.
/// https://streams.spec.whatwg.org/#readable-stream-from-iterable
template <class T, class Iterator>
class IterableSource final : public base::Counted<IterableSource<T, Iterator>>, public base::Pooled {
public:
    using Step = iteration::StepOf<std::remove_reference_t<Iterator>>;

    template <class X>
    explicit IterableSource(X&& iterable) : iterator_(iteration::asyncIteratorOf(std::forward<X>(iterable))) {}

    /// Getting the next value takes a reaction of its own: https://webidl.spec.whatwg.org/#dfn-get-async-iterator-next-value
    Outcome pull(ReadableStreamDefaultController<T>& controller) {
        auto next = Promise<Step>::withResolvers();
        next.resolve(iterator_.next());
        DefaultReadable<T>& stream = controller.state(); // the reaction to this pull keeps it
        auto value = std::move(next.promise).then([](Step step) { return step; });
        return Outcome::promised(std::move(value).then(
            [&stream](Step step) {
                if (step) {
                    stream.enqueue(T(std::move(*step)));
                } else {
                    stream.close();
                }
            },
            [&stream](const std::exception_ptr& reason) { stream.errorController(reason); }));
    }

    Outcome cancel(const std::exception_ptr& reason) {
        if constexpr (requires { iterator_.return_(); }) {
            auto returned = Promise<Step>::withResolvers();
            if constexpr (requires { iterator_.return_(reason); }) {
                returned.resolve(reason ? iterator_.return_(reason) : iterator_.return_());
            } else {
                returned.resolve(iterator_.return_());
            }
            return Outcome::promised(std::move(returned.promise).then([] {}));
        } else {
            return {};
        }
    }

private:
    Iterator iterator_;
};

}

template <class T>
template <class X>
ReadableStream<T> ReadableStream<T>::from(X&& iterable) {
    using Iterator = decltype(iteration::asyncIteratorOf(std::forward<X>(iterable)));
    using Source = streams::IterableSource<T, Iterator>;
    static_assert(std::is_constructible_v<T, typename Source::Step::value_type&&>,
                  "from() makes chunks of what the iterable gives: it is of another type");
    const base::CountedRef<Source> source(new Source(std::forward<X>(iterable)));
    return ReadableStream(
        UnderlyingSource<T>{
            .start = {},
            .pull = [source](ReadableStreamDefaultController<T>& controller) { return source->pull(controller); },
            .cancel = [source](const std::exception_ptr& reason) { return source->cancel(reason); }},
        QueuingStrategy<T>{.highWaterMark = 0, .size = {}});
}

}
