/* Which documents hold several terms, and where do these stand? All of them, one after the other, close together. */
#include "_postings.h"

/* The same where it may be far: from about where it is if documents are evenly spread, so that few lines of
 * memory are touched. */
static int64_t seek(const Cursor *c, int64_t from, int64_t to, uint32_t doc)
{
    const uint32_t *docs = c->docs, mask = c->mask;
    if (to - from <= BLOCK) return gallop(c, from, to, doc);
    uint32_t first = docs[from] & mask, last = docs[to - 1] & mask;
    if (first >= doc) return from;
    if (last < doc) return to;
    /* The documents before are below, so there is something between. */
    int64_t high = from + (int64_t)((double)(doc - first) / (double)(last - first) * (double)(to - 1 - from)), step = 1;
    if ((docs[high] & mask) < doc) return gallop(c, high, to, doc);
    for (; high - step > from && (docs[high - step] & mask) >= doc; step <<= 1) high -= step;
    int64_t low = high - step > from ? high - step : from;
    while (low + 1 < high) {
        int64_t middle = low + (high - low) / 2;
        if ((docs[middle] & mask) < doc) low = middle;
        else high = middle;
    }
    return high;
}

/* ---- intersection ------------------------------------------------------------------------------- */

static int compare_lengths(const void *a, const void *b)
{
    const Cursor *x = a, *y = b;
    return x->n < y->n ? -1 : x->n > y->n;
}

/* Moves all cursors, the rarest first, on to the next document that all have; the document, -1 at the end. */
static int64_t next_common(Query *query)
{
    Cursor *rare = &query->cursors[0];
    for (; rare->cur < rare->n; rare->cur++) {
        uint32_t doc = doc_at(rare, rare->cur);
        Py_ssize_t j = 1;
        for (; j < query->count; j++) {
            Cursor *c = &query->cursors[j];
            c->cur = gallop(c, c->cur, c->n, doc);
            if (c->cur >= c->n) return -1;
            if (doc_at(c, c->cur) != doc) break;
        }
        if (j == query->count) return doc;
    }
    return -1;
}

static int64_t find_common(Query *query)
{
    int64_t count = 0, doc;
    qsort(query->cursors, (size_t)query->count, sizeof(Cursor), compare_lengths);
    for (; query->count && (doc = next_common(query)) >= 0; query->cursors[0].cur++) {
        int64_t sum = 0;
        for (Py_ssize_t j = 0; j < query->count; j++)
            sum = plus(sum, score_at(&query->cursors[j], query->cursors[j].cur));
        query->docs[count] = (uint32_t)doc;
        query->units[count++] = sum;
    }
    return count;
}

/* The length of the shortest of the lists. */
static int64_t least_of(const Query *query)
{
    int64_t least = query->count ? INT64_MAX : 0;
    for (Py_ssize_t j = 0; j < query->count; j++)
        if (query->cursors[j].n < least) least = query->cursors[j].n;
    return least;
}

PyObject *kernel_intersection(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOO", &fields, &terms, &lists)) return NULL;
    int ready = take_query(fields, terms, lists, &query) == 0;
    return answer(&query, ready ? least_of(&query) : -1, find_common);
}

/* ---- phrase ------------------------------------------------------------------------------------- */

/* Where the positions of the current posting start, and in `count` how many there are: none where they cannot be. */
static int64_t positions_of(const Cursor *c, int64_t *count)
{
    Field *f = c->field;
    int64_t posting = c->start + c->cur, first = posting / BLOCK * BLOCK;
    uint64_t most = (uint64_t)f->positions.length, at = flat_at(&f->blocks, posting / BLOCK), freq = freq_at(f, posting);
    if (f->frequent.length) {
        for (int64_t i = first; i < posting; i++) at += freq_at(f, i);
    } else {
        const uint32_t *postings = f->postings.view.buf;
        uint32_t sum = 0;
        for (int64_t i = first; i < posting; i++) sum += postings[i] >> DOC_BITS;
        at += sum;
    }
    int whole = at <= most && freq <= most - at;
    f->damaged |= !whole;
    *count = whole ? (int64_t)freq : 0;
    return (int64_t)at;
}

/* The position with an index: see indexer/engine/embedded/arrays/places.py. */
static inline uint32_t position_at(Field *f, int64_t index)
{
    uint32_t position = (uint32_t)flat_at(&f->positions, index);
    return position == NEAR && f->far.length ? (uint32_t)look_up(f, &f->far, index) : position;
}

typedef struct { uint32_t *ends; int64_t count, room; } Ends;

static int make_room(Ends *ends, int64_t count)
{
    if (count <= ends->room) return 0;
    uint32_t *grown = realloc(ends->ends, (size_t)count * 4);
    if (!grown) return -1;
    ends->ends = grown;
    ends->room = count;
    return 0;
}

/* Whether the current document of all cursors (in phrase order) holds the phrase; -1 without memory. */
static int holds_phrase(Cursor **cursors, Py_ssize_t m, const Step *steps, Ends *ends)
{
    for (Py_ssize_t j = 0; j < m; j++) {
        int64_t count, from = positions_of(cursors[j], &count), kept = 0, before = -1;
        if (make_room(&ends[j & 1], count) < 0) return -1;
        const Ends *last = &ends[(j + 1) & 1];
        uint32_t *now = ends[j & 1].ends;
        for (int64_t i = 0; i < count; i++) {
            uint32_t spot = position_at(cursors[j]->field, from + i);
            if (j) {
                while (before + 1 < last->count && last->ends[before + 1] + steps[j - 1].low <= (int64_t)spot) before++;
                if (before < 0 || (int64_t)spot - last->ends[before] > steps[j - 1].high) continue;
            }
            now[kept++] = spot;
        }
        ends[j & 1].count = kept;
        if (!kept) return 0;
    }
    return 1;
}

static int64_t find_phrases(Query *query)
{
    Ends ends[2] = {{0}};
    int64_t count = 0;
    Cursor **ordered = malloc(((size_t)query->count + 1) * sizeof(Cursor *));
    if (!ordered) return -1;
    /* Sorted by rarity; the weight carries the place in the phrase. */
    for (Py_ssize_t j = 0; j < query->count; j++) query->cursors[j].weight = (double)j;
    qsort(query->cursors, (size_t)query->count, sizeof(Cursor), compare_lengths);
    for (Py_ssize_t j = 0; j < query->count; j++) ordered[(Py_ssize_t)query->cursors[j].weight] = &query->cursors[j];
    for (int64_t doc; (doc = next_common(query)) >= 0; query->cursors[0].cur++) {
        int held = holds_phrase(ordered, query->count, query->steps, ends);
        if (held < 0) count = -1;
        if (held < 0) break;
        query->docs[count] = (uint32_t)doc;
        query->units[count] = 0;
        count += held;
    }
    free(ordered);
    free(ends[0].ends);
    free(ends[1].ends);
    return count;
}

PyObject *kernel_phrase(PyObject *self, PyObject *args)
{
    PyObject *field, *terms, *pairs;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOO", &field, &terms, &pairs)) return NULL;
    int ready = take_positional(field, terms, &query) == 0
        && take_steps(pairs, query.count - 1, "a phrase has terms, and a step between each two of them", &query) == 0;
    return answer(&query, ready ? least_of(&query) : -1, find_phrases);
}

/* ---- windows ------------------------------------------------------------------------------------ */

/* Most positions are below 2**12: two digits. */
#define DIGIT_BITS 6
#define DIGITS (1 << DIGIT_BITS)

typedef struct { uint32_t spot, term; } Spot;
/* Room is for twice as many: to sort them. */
typedef struct { Spot *spots; int64_t count, room; } Spots;

/* Appends the positions of the cursor's current posting, ascending; -1 without memory. */
static int add_spots(Cursor *c, uint32_t term, Spots *spots)
{
    Field *f = c->field;
    int64_t count, from = positions_of(c, &count), half = f->far.length / 2, found = 0;
    if (spots->count + count > spots->room) {
        int64_t room = 2 * (spots->count + count);
        Spot *grown = realloc(spots->spots, 2 * (size_t)room * sizeof(Spot));
        if (!grown) return -1;
        spots->spots = grown;
        spots->room = room;
    }
    for (int64_t i = from; i < from + count; i++) {
        uint32_t spot = (uint32_t)flat_at(&f->positions, i);
        if (spot == NEAR && half) {
            /* Those of a posting are listed one after the other. */
            c->far = found++ ? c->far + 1 : listed_from(&f->far, c->far, i);
            int there = c->far < half && (int64_t)flat_at(&f->far, c->far) == i;
            f->damaged |= !there;
            spot = there ? (uint32_t)flat_at(&f->far, half + c->far) : 0;
        }
        spots->spots[spots->count++] = (Spot){spot, term};
    }
    return 0;
}

/* Sorts by position; those of one position stay in the order of their terms. */
static void sort_spots(Spots *spots)
{
    Spot *from = spots->spots, *to = from + spots->room;
    int64_t count = spots->count;
    if (count <= FEW) {
        for (int64_t i = 1; i < count; i++) {
            Spot moved = from[i];
            int64_t at = i;
            for (; at && from[at - 1].spot > moved.spot; at--) from[at] = from[at - 1];
            from[at] = moved;
        }
        return;
    }
    uint32_t top = 0;
    for (int64_t i = 0; i < count; i++) top |= from[i].spot;
    for (int shift = 0; shift < 32 && top >> shift; shift += DIGIT_BITS) {
        int64_t ends[DIGITS + 1] = {0};
        for (int64_t i = 0; i < count; i++) ends[(from[i].spot >> shift & (DIGITS - 1)) + 1]++;
        for (int digit = 0; digit < DIGITS; digit++) ends[digit + 1] += ends[digit];
        for (int64_t i = 0; i < count; i++) to[ends[from[i].spot >> shift & (DIGITS - 1)]++] = from[i];
        Spot *other = from;
        from = to;
        to = other;
    }
    if (from != spots->spots) memcpy(spots->spots, from, (size_t)count * sizeof(Spot));
}

/* The largest sum of weights of different terms within `width`; `inside` counts by term, all zero. */
static int64_t best_window(const Spots *spots, const int64_t *weights, int64_t width, uint32_t *inside)
{
    int64_t sum = 0, best = 0, low = 0;
    for (int64_t i = 0; i < spots->count; i++) {
        const Spot *now = &spots->spots[i];
        if (!inside[now->term]++) sum = plus(sum, weights[now->term]);
        for (; low < i && (int64_t)now->spot - spots->spots[low].spot > width; low++)
            if (!--inside[spots->spots[low].term]) sum = plus(sum, -weights[spots->spots[low].term]);
        if (sum > best) best = sum;
    }
    for (; low < spots->count; low++) inside[spots->spots[low].term] = 0;
    return best;
}

static int64_t find_windows(Query *query)
{
    Spots spots = {0};
    const uint32_t *docs = query->flat.view.buf;
    uint32_t *inside = calloc((size_t)query->count + 1, 4);
    int64_t *weights = malloc(((size_t)query->count + 1) * 8);
    int status = inside && weights ? 0 : -1;
    for (Py_ssize_t j = 0; j < query->count && !status; j++)
        weights[j] = (int64_t)llrint(query->cursors[j].weight);
    for (int64_t i = 0; i < query->flat.length && !status; i++) {
        spots.count = 0;
        for (Py_ssize_t j = 0; j < query->count && !status; j++) {
            Cursor *c = &query->cursors[j];
            c->cur = seek(c, c->cur, c->n, docs[i]);
            if (c->cur < c->n && doc_at(c, c->cur) == docs[i]) status = add_spots(c, (uint32_t)j, &spots);
        }
        if (spots.count) sort_spots(&spots);
        if (!status) query->units[i] = best_window(&spots, weights, query->width, inside);
        query->docs[i] = docs[i];
    }
    free(spots.spots);
    free(inside);
    free(weights);
    return status ? -1 : query->flat.length;
}

PyObject *kernel_windows(PyObject *self, PyObject *args)
{
    PyObject *field, *terms, *docs;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOL", &field, &terms, &docs, &query.width)) return NULL;
    int ready = flat_take(docs, 4, "docs", &query.flat) == 0 && take_positional(field, terms, &query) == 0;
    return answer(&query, ready ? query.flat.length : -1, find_windows);
}
