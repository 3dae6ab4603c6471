// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace {

const Attack* attacked = nullptr;
long attackedBehind = 0;
std::terminate_handler handlerBefore = nullptr;

[[noreturn]] void tellAndTerminate() {
    const std::string_view sentence = attacked ? attacked->sentence : "no attack";
    std::fprintf(stderr, "\nstd::terminate: %.*s, behind %ld\n", static_cast<int>(sentence.size()), sentence.data(),
                 attackedBehind);
    if (handlerBefore) handlerBefore();
    std::abort();
}

/// The entries of a journal, in alphabetical order.
std::vector<std::string> entriesOf(const std::string& journal) {
    std::vector<std::string> entries;
    std::istringstream text(journal);
    for (std::string entry; text >> entry;) entries.push_back(entry);
    std::sort(entries.begin(), entries.end());
    return entries;
}

}

void nameAttack(const Attack* attack, long successes) {
    if (std::get_terminate() != &tellAndTerminate) handlerBefore = std::set_terminate(&tellAndTerminate);
    attacked = attack;
    attackedBehind = successes;
}

bool tellsOfTheEnd(std::string_view journal) { return journal.find("bad_alloc") != journal.npos; }

std::string faultOf(const Ended& ended, const Ended& undisturbed) {
    if (ended.leaked != 0) return "blocks are leaked: " + std::to_string(ended.leaked);
    if (ended.journal.find("CHANGED") != std::string::npos) return "a call has thrown, and changed something";
    if (ended.journal == undisturbed.journal) return "";
    if (ended.repeated > 0 && ended.repeated == ended.failures)
        return "a call that has thrown, and was made once more, has left something behind";
    std::vector<std::string> entries = entriesOf(ended.journal);
    const auto told =
        std::stable_partition(entries.begin(), entries.end(), [](const auto& e) { return !tellsOfTheEnd(e); });
    if (told == entries.end() && !ended.threw) return "nobody was told";
    entries.erase(told, entries.end());
    const std::vector<std::string> expected = entriesOf(undisturbed.journal);
    std::vector<std::string> unexpected;
    std::set_difference(entries.begin(), entries.end(), expected.begin(), expected.end(),
                        std::back_inserter(unexpected));
    for (const std::string& entry : unexpected) { // these are the consequence of what was not done
        if (!entry.starts_with("unhandled:") && !entry.starts_with("reported:") && !entry.ends_with(":done"))
            return "something is done that is not done else, or twice: " + entry;
    }
    return "";
}
