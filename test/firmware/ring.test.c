/* The half-hour ring telescopes: what it tells of a half hour's end is the counter as it was there, to 512 mWh.
 *
 */
#include <string.h>

#include "check.h"
#include "core/ring.h"
#include "fake-board.h"

static struct ring r;
static uint32_t counter[COUNTERS];

static void grow(uint32_t most_mwh)
{
    for (uint8_t k = 0; k < COUNTERS; k++) {
        counter[k] += k % 5u == 0u ? 0u : chance() % most_mwh;
    }
    ring_watch(&r, counter);
}

static void telescopes(void)
{
    static uint32_t truth[100][COUNTERS];
    memset(&r, 0, sizeof r);
    for (uint8_t k = 0; k < COUNTERS; k++) {
        counter[k] = UINT32_MAX - 90000000u * (k % 3u); /* some wrap on the way */
    }
    const uint32_t start_s = 1800u * 1000000u;
    ring_empty(&r, start_s + 700u);
    check(r.edge_s == start_s + 1800u, "the first half-hour end is the next");
    bool floors = true;
    for (uint32_t n = 1; n < 100u; n++) {
        for (int window = 0; window < 20; window++) {
            grow(300000);
        }
        memcpy(truth[n], counter, sizeof counter);
        ring_close(&r, counter);
        grow(200000);
        for (uint32_t end = ring_oldest_s(&r); end < r.edge_s; end += 1800u) {
            const uint32_t *then = truth[(end - start_s) / 1800u];
            for (uint8_t k = 0; k < COUNTERS; k++) {
                floors = floors && ring_at(&r, k, counter[k], end) == then[k] >> 9 << 9;
            }
        }
    }
    check(floors, "every counter at every end held is the floor of what it was, wraps and all");
    check(r.count == RING_HALF_HOURS, "the ring is full and holds what it promises");
    check(ring_oldest_s(&r) == r.edge_s - 1800u * (RING_HALF_HOURS + 1u), "and knows the end at which the oldest of them began");
}

static void anchors(void)
{
    memset(&r, 0, sizeof r);
    memset(counter, 0, sizeof counter);
    ring_empty(&r, 1800u * 5u + 1u);
    grow(100000);
    ring_close(&r, counter);
    check(ring_oldest_s(&r) == 1800u * 6u, "the end of the half hour in which UTC became known is known");
    check(ring_at(&r, 0, counter[0], 1800u * 6u) == counter[0] >> 9 << 9, "with the counters at it, though no delta leads to it");
    ring_close(&r, counter);
    check(r.count == 1u && ring_oldest_s(&r) == 1800u * 6u, "and stays known when the next half hour ends");
    ring_empty(&r, 1800u * 9u);
    check(r.count == 0u && ring_oldest_s(&r) == r.edge_s, "emptied, it has none");
    (void)ring_at(&r, 0, 5120, 77);
    check(true, "and asked for an end it never held it comes to an end itself");
}

static void saturates(void)
{
    memset(&r, 0, sizeof r);
    memset(counter, 0, sizeof counter);
    ring_empty(&r, 1800);
    ring_close(&r, counter);
    for (int n = 0; n < 50; n++) {
        counter[3] += 1024000; /* 50 times 2,000 steps: 100,000 in one half hour */
        ring_watch(&r, counter);
    }
    ring_close(&r, counter);
    counter[3] += 512000;
    ring_watch(&r, counter);
    ring_close(&r, counter);
    check(ring_at(&r, 3, counter[3], r.edge_s - 1800u) == counter[3], "after a half hour beyond 16 bits the newest end is right");
    check(ring_at(&r, 3, counter[3], r.edge_s - 3600u) == 65535u * 512u, "the half hour before holds the most a delta can");
    check(r.delta[r.newest][3] == 100000u - 65535u + 1000u, "and the next one carries its rest");
}

int main(void)
{
    telescopes();
    anchors();
    saturates();
    return verdict();
}
