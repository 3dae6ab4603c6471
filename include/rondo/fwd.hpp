// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// Every public name, declared; for headers of yours that only mention them.
namespace rondo {

// errors
class Error;
class TypeError;
class RangeError;
class ReferenceError;
class AggregateError;
class SuppressedError;
class DOMException;

// loop
class EventLoop;
struct EventLoopOptions;
struct TimerHandle;

// promise
enum class PromiseState : std::uint8_t;
template <class T = void>
class Promise;
template <class T>
class SettledResult;
template <class T = void>
struct PromiseWithResolvers;
class AnyPromise;
class SuspendedFunction;

// events
class Event;
struct EventInit;
template <class T>
class CustomEvent;
class ErrorEvent;
struct ErrorEventInit;
class PromiseRejectionEvent;
class EventTarget;
class EventListener;
struct EventListenerOptions;
struct AddEventListenerOptions;
class AbortController;
class AbortSignal;
class SignalRef;
class GlobalScope;
struct GlobalThis;

// iteration
template <class T, class R = void>
class IteratorResult;
template <class T, class R = void>
class AsyncGenerator;
class ReturnCompletion;
template <class T>
class EventIterator;
class AsyncDisposableStack;

// host
class ThreadPool;
struct SignalHandle;
struct ThreadPoolOptions;
template <class T = void>
class Completion;
struct CompletionOptions;
struct OffloadOptions;
enum class QueuedJobs : unsigned char;

// web
struct DelayOptions;
struct Console;
struct Performance;
class PerformanceEntry;
class PerformanceMark;
class PerformanceMeasure;
struct PerformanceMarkOptions;
struct PerformanceMeasureOptions;

// streams
template <class T>
struct QueuingStrategy;
struct QueuingStrategyInit;
class CountQueuingStrategy;
class ByteLengthQueuingStrategy;
class Uint8Array;
template <class T = void>
class ReadableStream;
template <class T>
class ReadableStreamDefaultReader;
template <class T>
class ReadableStreamDefaultController;
template <class T>
struct UnderlyingSource;
class ReadableStreamBYOBReader;
class ReadableByteStreamController;
class ReadableStreamBYOBRequest;
struct UnderlyingByteSource;
enum class ReadableStreamType : std::uint8_t;
enum class ReadableStreamReaderMode : std::uint8_t;
struct ReadableStreamGetReaderOptions;
struct ReadableStreamBYOBReaderReadOptions;
struct ReadableStreamIteratorOptions;
template <class T>
class ReadableStreamAsyncIterator;
struct StreamPipeOptions;
template <class T>
class WritableStream;
template <class T>
class WritableStreamDefaultWriter;
class WritableStreamDefaultController;
template <class T>
struct UnderlyingSink;
template <class I, class O = I>
class TransformStream;
template <class O>
class TransformStreamDefaultController;
template <class I, class O = I>
struct Transformer;

// http
class URL;
class URLSearchParams;
struct Location;
class Headers;
class HeadersInit;
class BodyInit;
class Request;
struct RequestInit;
enum class RequestCredentials : std::uint8_t;
enum class RequestCache : std::uint8_t;
enum class RequestRedirect : std::uint8_t;
class Response;
struct ResponseInit;
enum class ResponseType : std::uint8_t;
template <class T>
struct JsonType;

// fetch
class FetchError;
struct FetchOptions;

}
