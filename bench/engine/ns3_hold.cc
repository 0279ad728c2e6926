// The hold model on the event schedulers of ns-3, for comparison with
// bench_engine.c's: the same numbers of pending events, the same
// distribution of gaps, the least of some runs.
#include <ns3/core-module.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr uint32_t N_GAPS = 65536;
constexpr int N_RUNS = 3;
constexpr uint32_t N_HOLDS = 300000;

std::vector<int64_t> gaps_ns;
uint32_t next_gap;
uint64_t n_left;

void
Hold()
{
    ns3::Simulator::Schedule(ns3::NanoSeconds(gaps_ns[next_gap++ % N_GAPS]),
                             &Hold);
    if (--n_left == 0) {
        ns3::Simulator::Stop();
    }
}

void
RunHolds(uint64_t n)
{
    n_left = n;
    ns3::Simulator::Run();
}

void
BenchHold(const char *scheduler, uint32_t n_pending)
{
    ns3::ObjectFactory factory;
    double best_ns = 1e18;

    factory.SetTypeId(scheduler);
    ns3::Simulator::SetScheduler(factory);
    for (uint32_t i = 0; i < n_pending; i++) {
        ns3::Simulator::Schedule(
            ns3::NanoSeconds(gaps_ns[next_gap++ % N_GAPS]), &Hold);
    }
    RunHolds(n_pending);
    for (int run = 0; run < N_RUNS; run++) {
        std::clock_t start = std::clock();      // CPU time
        RunHolds(N_HOLDS);
        double taken_ns = 1e9 * static_cast<double>(std::clock() - start)
                          / CLOCKS_PER_SEC;

        best_ns = taken_ns < best_ns ? taken_ns : best_ns;
    }
    std::printf("hold %8u pending  %8.1f ns/hold  %s\n", n_pending,
                best_ns / N_HOLDS, scheduler);
    ns3::Simulator::Destroy();
}

} // namespace

// With a number of pending events and the name of a scheduler, only that.
int
main(int argc, char *argv[])
{
    static const char *const schedulers[] = {
        "ns3::MapScheduler", "ns3::HeapScheduler", "ns3::CalendarScheduler",
        "ns3::PriorityQueueScheduler",
    };
    std::mt19937_64 random(1);
    std::exponential_distribution<double> gap(1e-6);

    for (uint32_t i = 0; i < N_GAPS; i++) {
        gaps_ns.push_back(1 + static_cast<int64_t>(gap(random)));
    }
    for (uint32_t n : {100u, 10000u, 1000000u}) {
        for (const char *scheduler : schedulers) {
            if ((argc < 2 || n == std::strtoul(argv[1], nullptr, 10))
                && (argc < 3 || std::string(scheduler) == argv[2])) {
                BenchHold(scheduler, n);
            }
        }
    }
}
