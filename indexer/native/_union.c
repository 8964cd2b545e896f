/* Which documents are in any of several lists of postings, and which of these are the best? Window by window. */
#include "_postings.h"

static inline int worse(const Hit *a, const Hit *b)
{
    return a->units < b->units || (a->units == b->units && a->rank > b->rank);
}

int compare_hits(const void *a, const void *b)
{
    const Hit *x = a, *y = b;
    return worse(y, x) ? -1 : worse(x, y);
}

void offer(Best *best, int64_t units, uint32_t doc)
{
    Hit hit = {units, doc, best->ranks[doc]}, *heap = best->heap;
    int64_t at = 0;
    if (!worse(&heap[0], &hit)) return;
    for (int64_t child = 1; child < best->limit; child = 2 * at + 1) {
        if (child + 1 < best->limit && worse(&heap[child + 1], &heap[child])) child++;
        if (!worse(&heap[child], &hit)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = hit;
    if (best->count < best->limit) best->count++;
    /* One that is as good as the last may come before it. */
    if (best->count == best->limit && heap[0].units > best->floor) best->floor = heap[0].units - 1;
}

/* Sets every cursor's part of the next window in which there is any posting; its first document, -1 at the end. */
int64_t enter_window(Query *query, uint32_t *width)
{
    int64_t next = query->doc_count;
    for (Py_ssize_t j = 0; j < query->count; j++) {
        const Cursor *c = &query->cursors[j];
        if (c->cur < c->n && doc_at(c, c->cur) < next) next = doc_at(c, c->cur);
    }
    int64_t base = next / WINDOW * WINDOW, left = query->doc_count - base;
    *width = left < WINDOW ? (uint32_t)left : WINDOW;
    for (Py_ssize_t j = 0; j < query->count; j++) {
        Cursor *c = &query->cursors[j];
        c->end = gallop(c, c->cur, c->n, (uint32_t)base + *width);
        c->field->damaged |= next == query->doc_count && c->cur < c->n;
    }
    return next < query->doc_count ? base : -1;
}

/* Orders cursors by the bounds of the window; returns the sum of these. */
static int64_t order_by_bound(Cursor **order, Py_ssize_t m)
{
    int64_t total = 0;
    for (Py_ssize_t j = 0; j < m; j++) {
        Cursor *moved = order[j];
        moved->top = bound_of(moved);
        total = plus(total, moved->top);
        Py_ssize_t i = j;
        for (; i && order[i - 1]->top > moved->top; i--) order[i] = order[i - 1];
        order[i] = moved;
    }
    return total;
}

/* Whether the postings of the window, of so many documents, ascend within it. */
int is_whole(const Cursor *c, uint32_t base, uint32_t width)
{
    const uint32_t *docs = c->docs, mask = c->mask;
    uint32_t falls = 0;
    if (c->cur >= c->end) return 1;
    for (int64_t i = c->cur + 1; i < c->end; i++) falls |= (docs[i] & mask) <= (docs[i - 1] & mask);
    return !falls && doc_at(c, c->cur) >= base && doc_at(c, c->end - 1) - base < width;
}

/* Adds the scores of the window's postings, and marks the documents. */
static void accumulate(Cursor *c, uint32_t base, uint32_t width, Window *window)
{
    int64_t cur = c->cur, end = c->end, *sums = window->sums;
    uint64_t *bits = window->bits;
    const float *norms = c->field->norms.view.buf;
    const uint8_t *lengths = c->field->lengths.view.buf;
    if (!is_whole(c, base, width)) {
        c->field->damaged = 1;
    } else if (!c->units && norms && !c->field->frequent.length && base + (int64_t)width <= c->field->lengths.length) {
        const double weight = c->weight;
        for (int64_t i = cur; i < end; i++) {
            uint32_t doc = c->docs[i] & DOC_MASK, at = doc - base;
            double tf = (double)(c->docs[i] >> DOC_BITS);
            sums[at] = plus(sums[at], (int64_t)llrint(weight * tf / (tf + (double)norms[lengths[doc]])));
            bits[at >> 6] |= (uint64_t)1 << (at & 63);
        }
    } else {
        for (int64_t i = cur; i < end; i++) {
            uint32_t at = doc_at(c, i) - base;
            sums[at] = plus(sums[at], score_at(c, i));
            bits[at >> 6] |= (uint64_t)1 << (at & 63);
        }
    }
    c->cur = end;
}

static void scan_window(Cursor **order, Py_ssize_t optional, const int64_t *prefix, uint32_t base, Window *window,
                        const uint8_t *allowed, Best *best)
{
    for (int word = 0; word < WINDOW / 64; word++) {
        uint64_t left = window->bits[word];
        window->bits[word] = 0;
        while (left) {
            uint32_t at = (uint32_t)(word * 64 + __builtin_ctzll(left)), doc = base + at;
            left &= left - 1;
            int64_t sum = window->sums[at];
            window->sums[at] = 0;
            if (plus(sum, prefix[optional]) <= best->floor || (allowed && !allowed[doc])) continue;
            Py_ssize_t j = optional;
            while (j-- > 0) {
                if (plus(sum, prefix[j + 1]) <= best->floor) break;
                Cursor *c = order[j];
                c->cur = gallop(c, c->cur, c->end, doc);
                if (c->cur < c->end && doc_at(c, c->cur) == doc) sum = plus(sum, score_at(c, c->cur));
            }
            if (sum > best->floor) offer(best, sum, doc);
        }
    }
}

static void find_best(Query *query, Cursor **order, int64_t *prefix, Window *window, Best *best)
{
    Py_ssize_t m = query->count;
    for (Py_ssize_t j = 0; j < m; j++) order[j] = &query->cursors[j];
    uint32_t width;
    for (int64_t base; (base = enter_window(query, &width)) >= 0;) {
        if (order_by_bound(order, m) > best->floor) {
            Py_ssize_t optional = 0;
            while (optional < m && plus(prefix[optional], order[optional]->top) <= best->floor) {
                prefix[optional + 1] = plus(prefix[optional], order[optional]->top);
                optional++;
            }
            for (Py_ssize_t j = optional; j < m; j++) accumulate(order[j], (uint32_t)base, width, window);
            scan_window(order, optional, prefix, (uint32_t)base, window, query->flat.view.buf, best);
        }
        for (Py_ssize_t j = 0; j < m; j++) order[j]->cur = order[j]->end;
    }
}

static int64_t give_best(Query *query)
{
    Best best = {malloc((size_t)query->limit * sizeof(Hit)), 0, query->limit, query->floor,
                 query->ranks.view.buf};
    int64_t *prefix = calloc((size_t)query->count + 1, sizeof(int64_t));
    Cursor **order = malloc(((size_t)query->count + 1) * sizeof(Cursor *));
    Window *window = calloc(1, sizeof(Window));
    int whole = best.heap && prefix && order && window;
    if (whole && best.limit) {
        for (int64_t i = 0; i < best.limit; i++) best.heap[i] = (Hit){INT64_MIN, UINT32_MAX, UINT32_MAX};
        find_best(query, order, prefix, window, &best);
        qsort(best.heap, (size_t)best.limit, sizeof(Hit), compare_hits);
    }
    for (int64_t i = 0; i < best.count; i++) {
        query->docs[i] = best.heap[i].doc;
        query->units[i] = best.heap[i].units;
    }
    free(best.heap);
    free(prefix);
    free(order);
    free(window);
    return whole ? best.count : -1;
}

PyObject *kernel_top_union(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *mask, *ranks;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOLLLOO", &fields, &terms, &lists, &query.doc_count, &query.limit, &query.floor,
                          &mask, &ranks)) return NULL;
    if (query.limit > query.doc_count) query.limit = query.doc_count;
    if (query.limit < 0) query.limit = 0;
    int ready = take_mask(mask, &query) == 0 && take_ranks(ranks, &query) == 0
        && take_query(fields, terms, lists, &query) == 0;
    return answer(&query, ready ? query.limit : -1, give_best);
}

static int64_t unite(Query *query)
{
    int64_t count = 0;
    Window *window = calloc(1, sizeof(Window));
    if (!window) return -1;
    uint32_t width;
    for (int64_t base; (base = enter_window(query, &width)) >= 0;) {
        for (Py_ssize_t j = 0; j < query->count; j++)
            accumulate(&query->cursors[j], (uint32_t)base, width, window);
        for (int word = 0; word < WINDOW / 64; word++) {
            uint64_t left = window->bits[word];
            window->bits[word] = 0;
            for (; left; left &= left - 1) {
                uint32_t at = (uint32_t)(word * 64 + __builtin_ctzll(left));
                query->docs[count] = (uint32_t)base + at;
                query->units[count++] = window->sums[at];
                window->sums[at] = 0;
            }
        }
    }
    free(window);
    return count;
}

PyObject *kernel_union(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOL", &fields, &terms, &lists, &query.doc_count)) return NULL;
    int ready = take_mask(Py_None, &query) == 0 && take_query(fields, terms, lists, &query) == 0;
    int64_t most = 0;
    for (Py_ssize_t j = 0; ready && j < query.count; j++) most += query.cursors[j].n;
    if (most > query.doc_count) most = query.doc_count;
    return answer(&query, ready ? most : -1, unite);
}

/* Gives the number of documents as the number of units. */
static int64_t count_marks(Query *query)
{
    const uint8_t *allowed = query->flat.view.buf;
    int64_t words = query->doc_count / 64 + 1, count = 0;
    uint64_t *bits = calloc((size_t)words, 8);
    if (!bits) return -1;
    for (Py_ssize_t j = 0; j < query->count; j++) {
        const Cursor *c = &query->cursors[j];
        for (int64_t i = 0; i < c->n; i++) {
            uint32_t doc = doc_at(c, i);
            if (doc < query->doc_count) bits[doc >> 6] |= (uint64_t)1 << (doc & 63);
            else c->field->damaged = 1;
        }
    }
    for (int64_t word = 0; word < words; word++) {
        if (!allowed) count += __builtin_popcountll(bits[word]);
        else for (uint64_t left = bits[word]; left; left &= left - 1)
            count += allowed[word * 64 + __builtin_ctzll(left)] != 0;
    }
    free(bits);
    query->units[0] = count;
    return 1;
}

PyObject *kernel_union_count(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *mask;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOLO", &fields, &terms, &lists, &query.doc_count, &mask)) return NULL;
    int ready = take_mask(mask, &query) == 0 && take_query(fields, terms, lists, &query) == 0;
    return answer(&query, ready ? 1 : -1, count_marks);
}
