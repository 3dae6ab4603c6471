// SPDX-License-Identifier: MIT

// The heap of the tests of memory's end is this program's, too, and libcurl's: it begins before any request is made.

#include "memory/heap.cpp" // NOLINT(bugprone-suspicious-include): two programs have the same

#include <curl/curl.h>

namespace {

struct LibcurlsMemory {
    LibcurlsMemory() noexcept {
        curl_global_init_mem(
            CURL_GLOBAL_DEFAULT, &take, [](void* block) { deallocate(block); }, &change, &copy, &takeZeros);
    }

    static void* take(std::size_t size) noexcept { return allocate(size, usual); }
    static void* takeZeros(std::size_t count, std::size_t size) noexcept {
        void* const block = allocate(count * size, usual);
        return block ? std::memset(block, 0, count * size) : nullptr;
    }
    static char* copy(const char* text) noexcept {
        const std::size_t size = std::strlen(text) + 1;
        void* const block = allocate(size, usual);
        return block ? static_cast<char*>(std::memcpy(block, text, size)) : nullptr;
    }
    static void* change(void* block, std::size_t size) noexcept {
        void* const other = allocate(size, usual);
        if (!other || !block) return other;
        const std::size_t before = headerOf(block)->size;
        std::memcpy(other, block, before < size ? before : size);
        deallocate(block);
        return other;
    }
};

const LibcurlsMemory libcurlsMemory;

}
