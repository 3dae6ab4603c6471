// SPDX-License-Identifier: MIT

// Runs the kept inputs, and some of fixed seeds, on Rondo and on the model, and tells of the first that differs:
//
//     replay FOLDER|FILE... [--seeds FIRST COUNT]     with `--print` also what it is, and what it does

#include "model/compare.hpp"
#include "model/inputs.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace {

bool agrees(const std::string& name, const programs::Bytes& bytes, bool prints) {
    const std::string text = programs::difference(bytes);
    if (prints && text.empty()) {
        const programs::Program program(bytes);
        programs::OnModel model(program);
        model.runAll();
        std::printf("%s:\n%s\n%s\n", name.c_str(), program.text().c_str(), model.journal().c_str());
    }
    if (!text.empty()) std::printf("%s differs:\n%s", name.c_str(), text.c_str());
    return text.empty();
}

}

int main(int argc, char** argv) {
    bool prints = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--print") {
            prints = true;
        } else if (argument == "--seeds" && i + 2 < argc) {
            const unsigned long long first = std::strtoull(argv[i + 1], nullptr, 10);
            const unsigned long long count = std::strtoull(argv[i + 2], nullptr, 10);
            i += 2;
            for (unsigned long long seed = first; seed < first + count; ++seed) {
                if (!agrees("seed " + std::to_string(seed), programs::randomBytes(seed), prints)) return 1;
            }
        } else if (std::filesystem::is_directory(argument)) {
            for (const auto& file : programs::filesOf(argument)) {
                if (!agrees(file.filename().string(), programs::bytesOf(file), prints)) return 1;
            }
        } else if (!agrees(std::string(argument), programs::bytesOf(argument), prints)) {
            return 1;
        }
    }
}
