/* What do given documents score, and which of them are the best? Each is looked up in all lists, as far as it may still
 * be among the best. */
#include "_postings.h"

/* Moves a cursor, and the place in the ascending documents that are wanted, on to the next that it holds. */
static inline int next_held(Cursor *c, const Cursor *wanted, int64_t *i)
{
    int few = c->n < wanted->n;     /* the shorter leads */
    while (*i < wanted->n && c->cur < c->n) {
        if (few) *i = gallop(wanted, *i, wanted->n, doc_at(c, c->cur));
        else c->cur = gallop(c, c->cur, c->n, wanted->docs[*i]);
        if (*i >= wanted->n || c->cur >= c->n) break;
        if (doc_at(c, c->cur) == wanted->docs[*i]) return 1;
        if (few) c->cur++;
        else ++*i;
    }
    return 0;
}

/* Adds the scores of a cursor that stands at its beginning to the units of the documents that it holds, and,
 * where that is asked for, 1 to their hits. */
static void add_scores(Cursor *c, const uint32_t *docs, int64_t count, int64_t *units, uint32_t *hits)
{
    const Cursor wanted = {.docs = docs, .mask = UINT32_MAX, .n = count};
    for (int64_t i = 0; next_held(c, &wanted, &i); i++, c->cur++) {
        units[i] = plus(units[i], score_at(c, c->cur));
        if (hits) hits[i]++;
    }
}

/* Gives how many terms and lists hold each document in the place of documents. */
static int64_t look_up_all(Query *query)
{
    int64_t count = query->flat.length;
    memset(query->docs, 0, (size_t)count * 4);
    memset(query->units, 0, (size_t)count * 8);
    for (Py_ssize_t j = 0; j < query->count; j++)
        add_scores(&query->cursors[j], query->flat.view.buf, count, query->units, query->docs);
    return count;
}

PyObject *kernel_gather(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *docs;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOO", &fields, &terms, &lists, &docs)) return NULL;
    int ready = flat_take(docs, 4, "docs", &query.flat) == 0 && take_query(fields, terms, lists, &query) == 0;
    return answer(&query, ready ? query.flat.length : -1, look_up_all);
}

/* Gives how often a document holds the terms in the place of documents, and what those weigh that it holds. */
static int64_t hold_all(Query *query)
{
    const Cursor wanted = {.docs = query->flat.view.buf, .mask = UINT32_MAX, .n = query->flat.length};
    memset(query->docs, 0, (size_t)wanted.n * 4);
    memset(query->units, 0, (size_t)wanted.n * 8);
    for (Py_ssize_t j = 0; j < query->count; j++) {
        Cursor *c = &query->cursors[j];
        int64_t weight = (int64_t)llrint(c->weight);
        for (int64_t i = 0; next_held(c, &wanted, &i); i++, c->cur++) {
            query->docs[i] += (uint32_t)freq_at(c->field, c->start + c->cur);
            query->units[i] = plus(query->units[i], weight);
        }
    }
    return wanted.n;
}

PyObject *kernel_holdings(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *docs;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOO", &fields, &terms, &docs)) return NULL;
    int ready = flat_take(docs, 4, "docs", &query.flat) == 0 && take_query(fields, terms, NULL, &query) == 0;
    return answer(&query, ready ? query.flat.length : -1, hold_all);
}

/* ---- top_among ---------------------------------------------------------------------------------- */

/* What adds to scores: a cursor, or those of a group, side by side; and the most that it adds. */
typedef struct { Cursor *first, *end; int64_t bound; } Part;

/* What is known of the documents that may still be among the best, and room to find out more. */
typedef struct {
    uint32_t *docs;
    int64_t *sums, *best, *own;
    int64_t count, room;
} Candidates;

/* Room for `more` candidates; -1 without memory. What is in `best` and `own` is gone. */
static int make_candidates(Candidates *all, int64_t more)
{
    int64_t room = all->count + more;
    if (room < all->room) return 0;
    room += room / 2 + 64;
    free(all->best);
    free(all->own);
    all->best = malloc((size_t)room * 8);
    all->own = malloc((size_t)room * 8);
    uint32_t *docs = realloc(all->docs, (size_t)room * 4);
    if (docs) all->docs = docs;
    int64_t *sums = realloc(all->sums, (size_t)room * 8);
    if (sums) all->sums = sums;
    all->room = docs && sums && all->best && all->own ? room : 0;
    return all->room ? 0 : -1;
}

static void free_candidates(Candidates *all)
{
    free(all->docs);
    free(all->sums);
    free(all->best);
    free(all->own);
}

static int compare_groups(const void *a, const void *b)
{
    const Cursor *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return x->choice < y->choice ? -1 : x->choice > y->choice;
}

static int compare_bounds(const void *a, const void *b)
{
    const Part *x = a, *y = b;
    return x->bound > y->bound ? -1 : x->bound < y->bound;
}

/* The number that `before` others, at most, exceed (quickselect); their order changes. */
static int64_t nth_greatest(int64_t *units, int64_t count, int64_t before)
{
    int64_t low = 0, high = count - 1;
    while (low < high) {
        int64_t pivot = units[low + (high - low) / 2], i = low, j = high;
        while (i <= j) {
            while (units[i] > pivot) i++;
            while (units[j] < pivot) j--;
            if (i > j) break;
            int64_t moved = units[i];
            units[i++] = units[j];
            units[j--] = moved;
        }
        if (before <= j) high = j;
        else if (before >= i) low = i;
        else break;
    }
    return units[before];
}

/* Whether a cursor takes nothing from any score. */
static int only_adds(const Cursor *c)
{
    if (!c->units) return c->weight >= 0;
    for (int64_t i = 0; i < c->n; i++)
        if (c->units[i] < 0) return 0;
    return 1;
}

/* Cursors as parts, those that may add most first; gives how many. */
static Py_ssize_t part_cursors(Query *query, Part *parts)
{
    Py_ssize_t count = 0;
    qsort(query->cursors, (size_t)query->count, sizeof(Cursor), compare_groups);
    for (Cursor *c = query->cursors, *end = c + query->count; c < end; count++) {
        Part *part = &parts[count];
        int64_t own = 0;
        *part = (Part){c, c, 0};
        for (; c < end && (c == part->first || (c->group && c->group == part->first->group)); c++) {
            c->end = c->n;
            own = plus(c > part->first && c->choice == c[-1].choice ? own : 0, bound_of(c));
            if (own > part->bound) part->bound = own;
        }
        part->end = c;
    }
    qsort(parts, (size_t)count, sizeof(Part), compare_bounds);
    return count;
}

/* Adds what a part gives to each candidate. */
static void add_part(const Part *part, Candidates *all)
{
    size_t bytes = (size_t)all->count * 8;
    if (!part->first->group) {
        add_scores(part->first, all->docs, all->count, all->sums, NULL);
        return;
    }
    memset(all->best, 0, bytes);
    for (Cursor *c = part->first; c < part->end;) {
        int64_t choice = c->choice;
        memset(all->own, 0, bytes);
        for (; c < part->end && c->choice == choice; c++) add_scores(c, all->docs, all->count, all->own, NULL);
        for (int64_t i = 0; i < all->count; i++)
            if (all->own[i] > all->best[i]) all->best[i] = all->own[i];
    }
    for (int64_t i = 0; i < all->count; i++) all->sums[i] = plus(all->sums[i], all->best[i]);
}

/* Leaves out candidates that `rest` more cannot lift among the best `limit`, of which there are more. */
static void drop_far(Candidates *all, int64_t limit, int64_t rest)
{
    int64_t kept = 0, lowest = INT64_MAX, highest = INT64_MIN;
    for (int64_t i = 0; i < all->count; i++) {
        lowest = all->sums[i] < lowest ? all->sums[i] : lowest;
        highest = all->sums[i] > highest ? all->sums[i] : highest;
    }
    /* As long as the best is not so far from the worst, nobody is far enough from those in between. */
    if (lowest >= highest - rest) return;
    memcpy(all->own, all->sums, (size_t)all->count * 8);
    int64_t least = nth_greatest(all->own, all->count, limit - 1) - rest;
    for (int64_t i = 0; i < all->count; i++) {
        if (all->sums[i] < least) continue;
        all->docs[kept] = all->docs[i];
        all->sums[kept++] = all->sums[i];
    }
    all->count = kept;
}

/* Adds up all parts for the candidates that may be among the best; at most `added` was added before. */
static void add_parts(Query *query, const Part *parts, Py_ssize_t count, int64_t added, Candidates *all)
{
    int64_t rest = 0, seen;
    int falls = query->limit > 0 && added < HIGHEST;
    for (Py_ssize_t j = 0; j < query->count; j++) falls &= only_adds(&query->cursors[j]);
    for (Py_ssize_t i = 0; i < count && falls; i++) {
        falls = parts[i].bound < HIGHEST / (count + 1);
        rest += falls ? parts[i].bound : 0;
    }
    seen = rest + (falls ? added : 0);
    for (Py_ssize_t i = 0; i < count; i++) {
        /* Looking costs much less than a part: it is worth it when a little less is to come than last time. */
        if (falls && all->count > query->limit && rest <= seen - seen / 8) {
            drop_far(all, query->limit, rest);
            seen = rest;
        }
        add_part(&parts[i], all);
        rest -= falls ? parts[i].bound : 0;
    }
}

/* Gives the best of the candidates, whose sums all cursors add to; at most `added` was added before. */
static int64_t give_best_of(Query *query, Candidates *all, int64_t added)
{
    Best best = {malloc(((size_t)query->limit + 1) * sizeof(Hit)), 0, query->limit, query->floor, query->ranks.view.buf};
    Part *parts = malloc(((size_t)query->count + 1) * sizeof(Part));
    int whole = best.heap && parts && make_candidates(all, 0) == 0;
    if (whole) {
        add_parts(query, parts, part_cursors(query, parts), added, all);
        for (int64_t i = 0; i < best.limit; i++) best.heap[i] = (Hit){INT64_MIN, UINT32_MAX, UINT32_MAX};
        for (int64_t i = 0; i < all->count && best.limit; i++)
            if (all->sums[i] > best.floor) offer(&best, all->sums[i], all->docs[i]);
        qsort(best.heap, (size_t)best.limit, sizeof(Hit), compare_hits);
    }
    for (int64_t i = 0; i < best.count && whole; i++) {
        query->docs[i] = best.heap[i].doc;
        query->units[i] = best.heap[i].units;
    }
    free(best.heap);
    free(parts);
    return whole ? best.count : -1;
}

static int64_t give_best_among(Query *query)
{
    Candidates all = {0};
    int whole = make_candidates(&all, query->flat.length) == 0;
    if (whole) memcpy(all.docs, query->flat.view.buf, (size_t)query->flat.length * 4);
    if (whole) memset(all.sums, 0, (size_t)query->flat.length * 8);
    all.count = query->flat.length;
    int64_t count = whole ? give_best_of(query, &all, 0) : -1;
    free_candidates(&all);
    return count;
}

/* The group of each term and list, and which of its choices that belongs to; -1 with an exception set. */
static int take_groups(PyObject *pairs, Query *query)
{
    if (take_steps(pairs, query->count, "each term and list has a group and a choice", query) < 0) return -1;
    for (Py_ssize_t j = 0; j < query->count; j++) {
        query->cursors[j].group = query->steps[j].low;
        query->cursors[j].choice = query->steps[j].high;
    }
    return 0;
}

/* Whether each of the documents that are asked for has a rank, and they ascend. */
static int have_ranks(const Query *query)
{
    const uint32_t *docs = query->flat.view.buf;
    for (int64_t i = 0; i < query->flat.length; i++)
        if ((int64_t)docs[i] >= query->ranks.length || (i && docs[i] <= docs[i - 1])) return 0;
    return 1;
}

PyObject *kernel_top_among(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *groups, *docs, *ranks;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOOOLLO", &fields, &terms, &lists, &groups, &docs, &query.limit, &query.floor, &ranks))
        return NULL;
    int ready = flat_take(docs, 4, "docs", &query.flat) == 0 && flat_take(ranks, 4, "ranks", &query.ranks) == 0
        && take_query(fields, terms, lists, &query) == 0 && take_groups(groups, &query) == 0
        && (have_ranks(&query) || refuse("documents ascend, and each has a rank") == 0);
    if (query.limit > query.flat.length) query.limit = query.flat.length;
    if (query.limit < 0) query.limit = 0;
    return answer(&query, ready ? query.limit : -1, give_best_among);
}

/* ---- top_enough ---------------------------------------------------------------------------------- */

/* Adds to the window what its postings count for, whatever their frequency, and marks the documents. */
static void count_in(const Cursor *c, uint32_t base, Window *window)
{
    const int64_t weight = (int64_t)llrint(c->weight);
    for (int64_t i = c->cur; i < c->end; i++) {
        uint32_t at = doc_at(c, i) - base;
        window->sums[at] = plus(window->sums[at], c->units ? c->units[i] : weight);
        window->bits[at >> 6] |= (uint64_t)1 << (at & 63);
    }
}

/* Makes candidates of the window's documents that hold enough and are allowed, which alone stay marked, each with its
 * number as its sum; -1 without memory. */
static int choose(const Query *query, uint32_t base, Window *window, Candidates *all)
{
    const uint8_t *allowed = query->flat.view.buf;
    for (int word = 0; word < WINDOW / 64; word++) {
        uint64_t kept = 0;
        if (window->bits[word] && make_candidates(all, 64) < 0) return -1;
        for (uint64_t left = window->bits[word]; left; left &= left - 1) {
            uint32_t at = (uint32_t)(word * 64 + __builtin_ctzll(left)), doc = base + at;
            int enough = (double)window->sums[at] >= query->least && (!allowed || allowed[doc]);
            window->sums[at] = enough ? all->count : 0;
            if (!enough) continue;
            kept |= left & -left;
            all->docs[all->count] = doc;
            all->sums[all->count++] = 0;
        }
        window->bits[word] = kept;
    }
    return 0;
}

/* Adds what the window's postings score to the candidates among its documents. */
static void add_window(const Cursor *c, const Cursor *held, uint32_t base, const Window *window, Candidates *all)
{
    for (int64_t i = held->cur; i < held->end; i++) {
        uint32_t at = doc_at(c, i) - base;
        if (!(window->bits[at >> 6] >> (at & 63) & 1)) continue;
        int64_t *sum = &all->sums[window->sums[at]];
        *sum = plus(*sum, score_at(c, i));
    }
}

/* Finds the documents that hold enough by `deciding` cursors, with what those of the `same` postings score; -1
 * without memory. */
static int find_enough(Query *query, Py_ssize_t deciding, Cursor **same, Window *window, Candidates *all)
{
    Query held = *query;
    held.count = deciding;
    uint32_t width;
    for (int64_t base; (base = enter_window(&held, &width)) >= 0;) {
        int64_t before = all->count;
        for (Py_ssize_t j = 0; j < deciding; j++) {
            Cursor *c = &held.cursors[j];
            c->field->damaged |= !is_whole(c, (uint32_t)base, width);
            if (c->field->damaged) return 0;
            count_in(c, (uint32_t)base, window);
        }
        if (choose(query, (uint32_t)base, window, all) < 0) return -1;
        for (Py_ssize_t j = 0; j < deciding; j++) {
            Cursor *c = &held.cursors[j];
            if (same[j] && all->count > before) add_window(same[j], c, (uint32_t)base, window, all);
            c->cur = c->end;
        }
        for (int64_t i = before; i < all->count; i++) {
            uint32_t at = all->docs[i] - (uint32_t)base;
            window->sums[at] = 0;
            window->bits[at >> 6] = 0;
        }
    }
    return 0;
}

/* Moves the cursors that have the same postings as one that decides, and are of no group, before the others; gives how
 * many there are. `same` has them by the number of the one that decides. */
static Py_ssize_t pair_cursors(Cursor *cursors, Py_ssize_t deciding, Py_ssize_t count, Cursor **same)
{
    Py_ssize_t paired = 0;
    for (Py_ssize_t i = deciding; i < count; i++) {
        for (Py_ssize_t j = 0; j < deciding && !cursors[i].group && !cursors[i].units; j++) {
            if (same[j] || cursors[j].units || cursors[j].docs != cursors[i].docs || cursors[j].n != cursors[i].n) continue;
            Cursor moved = cursors[deciding + paired];
            cursors[deciding + paired] = cursors[i];
            cursors[i] = moved;
            same[j] = &cursors[deciding + paired++];
            break;
        }
    }
    return paired;
}

/* Cursors of a group below 0 decide. */
static int64_t give_best_of_enough(Query *query)
{
    Candidates all = {0};
    Py_ssize_t deciding = 0;
    int64_t added = 0, count = -1;
    qsort(query->cursors, (size_t)query->count, sizeof(Cursor), compare_groups);
    while (deciding < query->count && query->cursors[deciding].group < 0) deciding++;
    Cursor **same = calloc((size_t)deciding + 1, sizeof(Cursor *));
    Window *window = calloc(1, sizeof(Window));
    Py_ssize_t paired = same ? pair_cursors(query->cursors, deciding, query->count, same) : 0;
    for (Py_ssize_t j = deciding; j < deciding + paired; j++) {
        Cursor *c = &query->cursors[j];
        c->end = c->n;
        int64_t bound = only_adds(c) ? bound_of(c) : HIGHEST;
        added = added < HIGHEST / 2 && bound < HIGHEST / 2 ? added + bound : HIGHEST;
    }
    if (same && window && make_candidates(&all, 1) == 0 && find_enough(query, deciding, same, window, &all) == 0
        && (query->matching = malloc(((size_t)all.count + 1) * 4))) {
        query->matches = all.count;
        memcpy(query->matching, all.docs, (size_t)all.count * 4);
        Query rest = *query;
        rest.cursors += deciding + paired;
        rest.count -= deciding + paired;
        count = give_best_of(&rest, &all, added);
    }
    free(same);
    free(window);
    free_candidates(&all);
    return count;
}

PyObject *kernel_top_enough(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *groups, *mask, *ranks;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOOdLLLOO", &fields, &terms, &lists, &groups, &query.least, &query.doc_count,
                          &query.limit, &query.floor, &mask, &ranks)) return NULL;
    if (query.limit > query.doc_count) query.limit = query.doc_count;
    if (query.limit < 0) query.limit = 0;
    int ready = take_mask(mask, &query) == 0 && take_ranks(ranks, &query) == 0
        && take_query(fields, terms, lists, &query) == 0 && take_groups(groups, &query) == 0;
    return answer(&query, ready ? query.limit : -1, give_best_of_enough);
}
