// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/fetch/detail/transfer.hpp>
#include <rondo/fetch/fetch_options.hpp>
#include <rondo/http/syntax.hpp>

#include <cstddef>
#include <cstdint>
#include <curl/curl.h>
#include <limits>
#include <new>
#include <string>
#include <string_view>

#if LIBCURL_VERSION_NUM < 0x075400
#error "rondo::fetch needs libcurl 7.84 or newer: before, it could not be begun on one of several threads."
#include <the error above>
#endif

namespace rondo::network {

/// What a transfer is for libcurl: an easy handle, which is used again for the next one. Of the network thread.
class EasyHandle {
public:
    /// Who is told that a transfer may have news for the loop.
    struct Listener {
        virtual void touched(Transfer&) noexcept = 0;

    protected:
        ~Listener() = default;
    };

    /// What libcurl does not make a transfer of.
    struct Refused {
        CURLcode code;
    };

    explicit EasyHandle(Listener& listener) : curl_(curl_easy_init()), listener_(listener) {
        if (!curl_) throw std::bad_alloc();
    }
    EasyHandle(const EasyHandle&) = delete;
    EasyHandle& operator=(const EasyHandle&) = delete;
    ~EasyHandle() {
        curl_easy_cleanup(curl_);
        curl_slist_free_all(headers_);
    }

    CURL* get() const noexcept { return curl_; }

    static EasyHandle& of(CURL* curl) noexcept {
        char* self = nullptr;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &self);
        return *reinterpret_cast<EasyHandle*>(self);
    }
    Transfer& transfer() const noexcept { return *transfer_; }

    /// Gets ready for a transfer. Throws `std::bad_alloc`, and `Refused`; then it is of no more use.
    void prepare(Transfer& transfer, const Settings& settings, CURLSH* jar) {
        transfer_ = &transfer;
        error_[0] = '\0';
        const RequestMessage& request = transfer.request;
        if (!prepared_) {
            setConnection(settings);
            setCallbacks();
        }
        const bool cookies = request.cookies && jar;
        prepared_ = request.bodyKind == BodyKind::none && request.method == "GET" && !cookies;
        if (cookies) {
            set(CURLOPT_SHARE, jar);
            set(CURLOPT_COOKIEFILE, "");
        }
        setTarget(request);
        setMethod(request);
        setHeaders(request, cookies);
    }

    /// Forgets the transfer. The connections stay: they belong to the multi handle. Of a plain request that went `well`, as
    /// most do, what the next one must set again anyway is left as it is.
    void reset(bool well) noexcept {
        transfer_ = nullptr;
        prepared_ = prepared_ && well && decodes_;
        decodes_ = true;
        if (!prepared_) {
            setIfKnown(CURLOPT_COOKIEFILE, static_cast<char*>(nullptr)); // `curl_easy_reset` forgets to free it
            curl_easy_reset(curl_);
        }
        curl_slist_free_all(std::exchange(headers_, nullptr));
    }

    /// What to say about a result that is not `CURLE_OK`.
    std::string_view sentenceFor(CURLcode code) const noexcept {
        return error_[0] ? std::string_view(error_) : std::string_view(curl_easy_strerror(code));
    }

    /// All of the response is there, as far as its head tells how much that is, though libcurl may not be done with it.
    bool hasWholeResponse() const noexcept {
        if (!transfer_->headReader.complete() || transfer_->pausedReceiving) return false;
        long status = 0;
        curl_off_t length = -1;
        curl_off_t received = 0;
        curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        curl_easy_getinfo(curl_, CURLINFO_SIZE_DOWNLOAD_T, &received);
        return status == 204 || status == 304 || (length >= 0 && received >= length);
    }

    /// An error that is none: the server has answered, and does not want the rest of the request.
    ///
    /// Over HTTP/2 it may then end its stream, with no error. libcurl 7.88 says that it cannot send, and has no sentence about
    /// it, as it has for all that is an error.
    bool wasAnsweredEarly(CURLcode code) const noexcept {
        if (transfer_->request.bodyKind == BodyKind::none) return false;
        if (code == CURLE_SEND_ERROR) return hasWholeResponse();
        return code == CURLE_HTTP2_STREAM && error_[0] == '\0' && transfer_->headReader.complete() &&
               !transfer_->pausedReceiving;
    }

private:
    template <class Value>
    void set(CURLoption option, Value value) {
        const CURLcode code = curl_easy_setopt(curl_, option, value);
        if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
        if (code != CURLE_OK) throw Refused{code};
    }
    /// Where it works without, too: a build of libcurl may not have the feature.
    template <class Value>
    void setIfKnown(CURLoption option, Value value) noexcept {
        static_cast<void>(curl_easy_setopt(curl_, option, value));
    }

    void setConnection(const Settings& settings) {
        set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
        set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
        set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
        set(CURLOPT_QUICK_EXIT, 1L); // a name that is being looked up does not keep a cancelled transfer waiting
#endif
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_PATH_AS_IS, 1L);
        set(CURLOPT_TCP_KEEPALIVE, 1L);
        set(CURLOPT_PROXY, settings.proxy.c_str()); // empty, too: or that of the environment is used
        set(CURLOPT_NOPROXY, "");
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        if (!settings.caFile.empty()) set(CURLOPT_CAINFO, settings.caFile.c_str());
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connectTimeout));
        // The more, the fewer calls. But what is decompressed of one such piece is kept when the transfer is paused, of
        // gzip up to 1032 times as much; and of more than 64 MiB libcurl says that it is out of memory.
        // A handle that could not resolve a name has its buffer still, and refuses: what it reads then fits into that.
        setIfKnown(CURLOPT_BUFFERSIZE, 60L * 1024);
        set(CURLOPT_ACCEPT_ENCODING, "");
        set(CURLOPT_USERAGENT, settings.userAgent.c_str());
        set(CURLOPT_SHARE, static_cast<CURLSH*>(nullptr)); // `curl_easy_reset` leaves it
        set(CURLOPT_ERRORBUFFER, error_);
        set(CURLOPT_PRIVATE, static_cast<void*>(this));
    }

    /// 0, for libcurl, is its own idea of a timeout.
    static long milliseconds(base::Milliseconds timeout) noexcept {
        const std::int64_t whole = timeout.nanoseconds() / 1'000'000;
        constexpr auto most = std::int64_t{std::numeric_limits<std::int32_t>::max()};
        return static_cast<long>(whole < 1 ? 1 : whole < most ? whole : most);
    }

    void setTarget(const RequestMessage& request) {
        const bool secure = request.url.compare(0, 6, "https:") == 0;
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_HTTP_VERSION, secure ? long{CURL_HTTP_VERSION_2TLS} : long{CURL_HTTP_VERSION_1_1});
        set(CURLOPT_PIPEWAIT, long{secure}); // it may be that one connection is enough
    }

    void setMethod(const RequestMessage& request) {
        const std::string_view method = request.method;
        if (request.bodyKind == BodyKind::chunks) {
            set(CURLOPT_UPLOAD, 1L);
            set(CURLOPT_INFILESIZE_LARGE, curl_off_t{-1});
            set(CURLOPT_READFUNCTION, &send);
            set(CURLOPT_READDATA, static_cast<void*>(this));
            set(CURLOPT_SEEKFUNCTION, &rewind);
        } else if (request.bodyKind == BodyKind::bytes || method == "POST" || method == "PUT") {
            set(CURLOPT_POST, 1L);
            const std::string_view bytes = request.body ? request.body->text() : std::string_view();
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
            set(CURLOPT_POSTFIELDS, bytes.empty() ? "" : bytes.data()); // it is not copied
        } else if (method == "HEAD") {
            set(CURLOPT_NOBODY, 1L);
        }
        if (method != "GET" && method != "HEAD") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }

    /// How the message is framed, and what becomes of its connection, is for libcurl to say.
    static bool isFraming(std::string_view name) noexcept {
        for (const std::string_view ours : {"connection", "content-length", "expect", "keep-alive", "proxy-connection",
                                            "te", "trailer", "transfer-encoding", "upgrade"}) {
            if (base::equalsLower(name, ours)) return true;
        }
        return false;
    }

    void setHeaders(const RequestMessage& request, bool hasJar) {
        bool hasType = false;
        std::string text;
        std::string cookies;
        for (const HeaderLine& line : request.headers) {
            if (isFraming(line.name)) continue;
            if (hasJar && base::equalsLower(line.name, "cookie")) { // in one line with those of the jar
                cookies.append(cookies.empty() ? "" : "; ").append(line.value);
                continue;
            }
            hasType = hasType || base::equalsLower(line.name, "content-type");
            text.assign(line.name);
            if (line.value.empty()) {
                text += ';'; // without a value; with a colon here libcurl would leave its own header out
            } else {
                text.append(": ").append(line.value);
            }
            addHeader(text.c_str());
        }
        if (request.bodyKind != BodyKind::none || request.method == "POST" || request.method == "PUT") {
            if (!hasType) addHeader("Content-Type:"); // none
            addHeader("Expect:");
        }
        set(CURLOPT_HTTPHEADER, headers_);
        if (!cookies.empty()) set(CURLOPT_COOKIE, cookies.c_str());
    }
    void addHeader(const char* line) {
        curl_slist* const longer = curl_slist_append(headers_, line);
        if (!longer) throw std::bad_alloc();
        headers_ = longer;
    }

    void setCallbacks() {
        set(CURLOPT_HEADERFUNCTION, &readHeader);
        set(CURLOPT_HEADERDATA, static_cast<void*>(this));
        set(CURLOPT_WRITEFUNCTION, &receive);
        set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    }

    // What libcurl calls. No exception goes through it.

    static std::size_t refuse(Transfer& transfer, CURLcode code, const char* sentence) noexcept {
        transfer.refusal = sentence;
        transfer.refusalCode = code;
        return CURL_WRITEFUNC_PAUSE - 1; // not what there was to take
    }

    static std::size_t readHeader(char* chars, std::size_t, std::size_t count, void* self) noexcept {
        auto& easy = *static_cast<EasyHandle*>(self);
        Transfer& transfer = *easy.transfer_;
        try {
            switch (transfer.headReader.read({chars, count})) {
            case HeadReader::Progress::reading: break;
            case HeadReader::Progress::refused:
                return refuse(transfer, CURLE_WEIRD_SERVER_REPLY, transfer.headReader.refusal());
            case HeadReader::Progress::complete:
                ResponseHead head = transfer.headReader.take();
                easy.decodeIfKnown(head);
                transfer.headComes(std::move(head));
                easy.listener_.touched(transfer);
            }
            return count;
        } catch (const std::exception&) {
            return refuse(transfer, CURLE_OUT_OF_MEMORY, "out of memory");
        }
    }

    /// A body with a coding that libcurl does not know is left as it is. https://fetch.spec.whatwg.org/#handle-content-codings
    /// From 8.6 on libcurl has decided before that it is an error.
    void decodeIfKnown(const ResponseHead& head) noexcept {
        for (const HeaderLine& line : head.headers) {
            if (base::equalsLower(line.name, "content-encoding") && !areKnownCodings(line.value)) decodes_ = false;
        }
        if (!decodes_) setIfKnown(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    }
    static bool areKnownCodings(std::string_view list) noexcept {
        for (;;) {
            const std::size_t comma = list.find(',');
            const std::string_view coding = base::trimmed(list.substr(0, comma), http::isTabOrSpace);
            if (!coding.empty() && !isKnownCoding(coding)) return false;
            if (comma == std::string_view::npos) return true;
            list.remove_prefix(comma + 1);
        }
    }
    static bool isKnownCoding(std::string_view coding) noexcept {
        static const int features = curl_version_info(CURLVERSION_NOW)->features;
        if (base::equalsLower(coding, "gzip") || base::equalsLower(coding, "x-gzip") ||
            base::equalsLower(coding, "deflate"))
            return features & CURL_VERSION_LIBZ;
        if (base::equalsLower(coding, "br")) return features & CURL_VERSION_BROTLI;
        if (base::equalsLower(coding, "zstd")) return features & CURL_VERSION_ZSTD;
        return base::equalsLower(coding, "identity") || base::equalsLower(coding, "none");
    }

    static std::size_t receive(char* chars, std::size_t, std::size_t count, void* self) noexcept {
        auto& easy = *static_cast<EasyHandle*>(self);
        Transfer& transfer = *easy.transfer_;
        easy.listener_.touched(transfer);
        try {
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(chars);
            switch (transfer.receive(bytes, count, easy.expected(count))) {
            case Transfer::Room::some: return count;
            case Transfer::Room::enough: transfer.post(); return count;
            case Transfer::Room::none: transfer.post(); break;
            }
            transfer.pausedReceiving = true;
            return CURL_WRITEFUNC_PAUSE;
        } catch (const std::exception&) {
            return refuse(transfer, CURLE_OUT_OF_MEMORY, "out of memory");
        }
    }

    /// How many bytes may yet come, `count` included: what is known, or else as many as there have been.
    std::size_t expected(std::size_t count) const noexcept {
        const std::size_t before = transfer_->receivedInAll();
        curl_off_t length = -1;
        curl_easy_getinfo(curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        if (length >= 0 && static_cast<std::uint64_t>(length) > before + count)
            return static_cast<std::size_t>(length) - before;
        return before > count ? before : count;
    }

    static std::size_t send(char* to, std::size_t, std::size_t room, void* self) noexcept {
        auto& easy = *static_cast<EasyHandle*>(self);
        Transfer& transfer = *easy.transfer_;
        const Transfer::Filled filled = transfer.fill(to, room);
        easy.listener_.touched(transfer);
        if (!filled.starved) return filled.count;
        transfer.pausedSending = true;
        return CURL_READFUNC_PAUSE;
    }

    /// The chunks have gone: they cannot be sent again on another connection.
    static int rewind(void*, curl_off_t, int) noexcept { return CURL_SEEKFUNC_FAIL; }

    CURL* curl_;
    Listener& listener_;
    Transfer* transfer_ = nullptr;
    curl_slist* headers_ = nullptr;
    bool decodes_ = true;   // the body of the response is decoded
    bool prepared_ = false; // what all plain requests have in common is set
    char error_[CURL_ERROR_SIZE] = "";
};

}
