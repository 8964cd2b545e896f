/* The inner loops of indexer/codec/vectorized.py, which describes every function and the scores.
 *
 * Plain CPython API and the buffer protocol; no numpy headers. Arrays come in as buffers, results go out
 * as bytes. Loops run without the GIL. Scores are integer units, so no result depends on the order of
 * evaluation; compile with -ffp-contract=off, so that each product and quotient is rounded as numpy does.
 */
#include "_kernel.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 128
#define WINDOW 8192
#define FEW 16
#define DOC_BITS 24             /* indexer/codec/packing.py */
#define DOC_MASK 0xFFFFFFu
#define MOST 255
#define NEAR 255                /* indexer/codec/places.py */

/* ---- arguments ---------------------------------------------------------------------------------- */

typedef struct {
    Py_buffer postings, frequent, norms, bounds, positions, blocks, far;
    int has_norms, has_positions;
} Field;

typedef struct {
    const uint32_t *docs;       /* of this slice; of a term: packed postings */
    uint32_t mask;              /* what of an item is the document */
    int64_t n, cur, end;        /* length, next posting, end of the current window */
    int64_t start;              /* where the slice starts among all postings of the field */
    const Field *field;         /* NULL for a list */
    const int64_t *units;       /* of a list */
    const float *norms;
    int64_t norm_count;
    double weight;
    int64_t top;                /* bound of the current window */
} Cursor;

typedef struct {
    Field *fields;
    Py_ssize_t field_count;
    Py_buffer *list_buffers;
    Py_ssize_t list_count;
    Cursor *cursors;
    Py_ssize_t count;
} Query;

static int take(PyObject *object, Py_buffer *view, Py_ssize_t itemsize, const char *what)
{
    if (PyObject_GetBuffer(object, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
    if (itemsize && view->itemsize != itemsize) {
        PyErr_Format(PyExc_TypeError, "%s: items of %zd bytes are needed", what, itemsize);
        PyBuffer_Release(view);
        view->obj = NULL;
        return -1;
    }
    return 0;
}

static inline Py_ssize_t length_of(const Py_buffer *view) { return view->len / view->itemsize; }

static inline uint64_t load(const void *data, Py_ssize_t width, int64_t i)
{
    switch (width) {
    case 1: return ((const uint8_t *)data)[i];
    case 2: return ((const uint16_t *)data)[i];
    case 4: return ((const uint32_t *)data)[i];
    default: return ((const uint64_t *)data)[i];
    }
}

static int take_field(PyObject *tuple, Field *field)
{
    if (!PyTuple_Check(tuple) || PyTuple_GET_SIZE(tuple) != 7) {
        PyErr_SetString(PyExc_TypeError, "a field is a tuple of seven");
        return -1;
    }
    if (take(PyTuple_GET_ITEM(tuple, 0), &field->postings, 4, "postings") < 0) return -1;
    if (take(PyTuple_GET_ITEM(tuple, 1), &field->frequent, 0, "frequent") < 0) return -1;
    if (PyTuple_GET_ITEM(tuple, 2) != Py_None) {
        if (take(PyTuple_GET_ITEM(tuple, 2), &field->norms, 4, "norms") < 0) return -1;
        field->has_norms = 1;
    }
    if (take(PyTuple_GET_ITEM(tuple, 3), &field->bounds, 4, "bounds") < 0) return -1;
    if (PyTuple_GET_ITEM(tuple, 4) != Py_None) {
        if (take(PyTuple_GET_ITEM(tuple, 4), &field->positions, 0, "positions") < 0) return -1;
        if (take(PyTuple_GET_ITEM(tuple, 5), &field->blocks, 0, "block positions") < 0) return -1;
        if (take(PyTuple_GET_ITEM(tuple, 6), &field->far, 0, "far") < 0) return -1;
        field->has_positions = 1;
    }
    Py_ssize_t n = length_of(&field->postings), blocks = (n + BLOCK - 1) / BLOCK;
    if ((field->frequent.len && field->frequent.itemsize != 8) || length_of(&field->bounds) < blocks
        || (field->has_positions && length_of(&field->blocks) < blocks)) {
        PyErr_SetString(PyExc_ValueError, "a field's arrays do not fit together");
        return -1;
    }
    return 0;
}

static void release_field(Field *field)
{
    Py_buffer *views[] = {&field->postings, &field->frequent, &field->norms,
                          &field->bounds, &field->positions, &field->blocks, &field->far};
    for (int i = 0; i < 7; i++)
        if (views[i]->obj) PyBuffer_Release(views[i]);
}

static void release_query(Query *query)
{
    for (Py_ssize_t i = 0; i < query->field_count; i++) release_field(&query->fields[i]);
    for (Py_ssize_t i = 0; i < 2 * query->list_count; i++)
        if (query->list_buffers[i].obj) PyBuffer_Release(&query->list_buffers[i]);
    free(query->fields);
    free(query->list_buffers);
    free(query->cursors);
}

static int set_term(Cursor *cursor, const Field *field, int64_t start, int64_t end, double weight)
{
    if (start < 0 || end < start || end > length_of(&field->postings)) {
        PyErr_SetString(PyExc_ValueError, "a term's postings lie outside its field");
        return -1;
    }
    cursor->docs = (const uint32_t *)field->postings.buf + start;
    cursor->mask = DOC_MASK;
    cursor->start = start;
    cursor->n = end - start;
    cursor->field = field;
    cursor->weight = weight;
    if (field->has_norms) {
        cursor->norms = field->norms.buf;
        cursor->norm_count = length_of(&field->norms);
    }
    return 0;
}

/* Sequences of fields, terms and lists as cursors; 0 on success. `query` is released by the caller. */
static int take_query(PyObject *fields, PyObject *terms, PyObject *lists, Query *query)
{
    memset(query, 0, sizeof *query);
    PyObject *field_items = PySequence_Fast(fields, "fields must be a sequence");
    PyObject *term_items = PySequence_Fast(terms, "terms must be a sequence");
    PyObject *list_items = PySequence_Fast(lists, "lists must be a sequence");
    int status = -1;
    if (!field_items || !term_items || !list_items) goto done;
    Py_ssize_t nf = PySequence_Fast_GET_SIZE(field_items), nt = PySequence_Fast_GET_SIZE(term_items);
    Py_ssize_t nl = PySequence_Fast_GET_SIZE(list_items);
    query->fields = calloc(nf + 1, sizeof(Field));
    query->list_buffers = calloc(2 * nl + 1, sizeof(Py_buffer));
    query->cursors = calloc(nt + nl + 1, sizeof(Cursor));
    if (!query->fields || !query->list_buffers || !query->cursors) { PyErr_NoMemory(); goto done; }
    query->field_count = nf;
    query->list_count = nl;
    query->count = nt + nl;
    for (Py_ssize_t i = 0; i < nf; i++)
        if (take_field(PySequence_Fast_GET_ITEM(field_items, i), &query->fields[i]) < 0) goto done;
    for (Py_ssize_t i = 0; i < nt; i++) {
        Py_ssize_t which, start, end;
        double weight;
        if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(term_items, i), "nnnd", &which, &start, &end, &weight))
            goto done;
        if (which < 0 || which >= nf) { PyErr_SetString(PyExc_IndexError, "no such field"); goto done; }
        if (set_term(&query->cursors[i], &query->fields[which], start, end, weight) < 0) goto done;
    }
    for (Py_ssize_t i = 0; i < nl; i++) {
        PyObject *docs, *units;
        Py_buffer *views = &query->list_buffers[2 * i];
        if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(list_items, i), "OO", &docs, &units)) goto done;
        if (take(docs, &views[0], 4, "list documents") < 0) goto done;
        if (take(units, &views[1], 8, "list units") < 0) goto done;
        if (length_of(&views[0]) != length_of(&views[1])) {
            PyErr_SetString(PyExc_ValueError, "a list's arrays differ in length");
            goto done;
        }
        Cursor *cursor = &query->cursors[nt + i];
        cursor->docs = views[0].buf;
        cursor->mask = UINT32_MAX;
        cursor->units = views[1].buf;
        cursor->n = length_of(&views[0]);
    }
    status = 0;
done:
    Py_XDECREF(field_items);
    Py_XDECREF(term_items);
    Py_XDECREF(list_items);
    return status;
}

/* ---- scores and searching ----------------------------------------------------------------------- */

/* The number that is listed for an index, else `otherwise`: see indexer/codec/packing.py. */
static uint64_t look_up(const Py_buffer *list, int64_t index, uint64_t otherwise)
{
    int64_t half = length_of(list) / 2, low = 0, high = half;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if ((int64_t)load(list->buf, list->itemsize, middle) < index) low = middle + 1;
        else high = middle;
    }
    return low < half ? load(list->buf, list->itemsize, half + low) : otherwise;
}

static inline uint64_t freq_at(const Field *field, int64_t posting)
{
    uint32_t freq = ((const uint32_t *)field->postings.buf)[posting] >> DOC_BITS;
    return freq == MOST ? look_up(&field->frequent, posting, MOST) : freq;
}

static inline uint32_t doc_at(const Cursor *c, int64_t i) { return c->docs[i] & c->mask; }

static inline int64_t score_at(const Cursor *c, int64_t i)
{
    if (c->units) return c->units[i];
    double tf = (double)freq_at(c->field, c->start + i);
    double s = c->weight * tf;
    if (c->norms) {
        uint32_t doc = doc_at(c, i);
        s /= tf + (double)(doc < c->norm_count ? c->norms[doc] : 0.0f);
    }
    return (int64_t)llrint(s);
}

/* The first place in [from:to) whose document is not less than `doc`, near `from`. */
static inline int64_t gallop(const Cursor *c, int64_t from, int64_t to, uint32_t doc)
{
    const uint32_t *docs = c->docs, mask = c->mask;
    if (from >= to || (docs[from] & mask) >= doc) return from;
    int64_t step = 1, low = from;
    while (low + step < to && (docs[low + step] & mask) < doc) {
        low += step;
        step <<= 1;
    }
    int64_t high = low + step < to ? low + step : to;
    low++;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if ((docs[middle] & mask) < doc) low = middle + 1;
        else high = middle;
    }
    return low;
}

static int64_t bound_of(const Cursor *c)
{
    int64_t best = INT64_MIN;
    if (c->cur >= c->end) return 0;
    if (c->units || c->end - c->cur <= FEW) {
        for (int64_t i = c->cur; i < c->end; i++) {
            int64_t s = score_at(c, i);
            if (s > best) best = s;
        }
        return best > 0 ? best : 0;
    }
    if (c->weight <= 0) return 0;
    const float *bounds = c->field->bounds.buf;
    float top = 0;
    for (int64_t b = (c->start + c->cur) / BLOCK; b <= (c->start + c->end - 1) / BLOCK; b++)
        if (bounds[b] > top) top = bounds[b];
    return (int64_t)(c->weight * (double)top) + 2;
}

/* ---- top_union ---------------------------------------------------------------------------------- */

typedef struct { int64_t units; uint32_t doc, rank; } Hit;

static inline int worse(const Hit *a, const Hit *b)
{
    return a->units < b->units || (a->units == b->units && a->rank > b->rank);
}

static void sift(Hit *heap, int64_t count, int64_t at)
{
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= count) return;
        if (child + 1 < count && worse(&heap[child + 1], &heap[child])) child++;
        if (!worse(&heap[child], &heap[at])) return;
        Hit swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

typedef struct {
    Hit *heap;
    int64_t count, limit, floor;    /* floor: what a score must exceed */
    const uint32_t *ranks;          /* the order of documents with equal scores */
} Best;

static void offer(Best *best, int64_t units, uint32_t doc)
{
    Hit hit = {units, doc, best->ranks[doc]};
    if (best->count < best->limit) {
        int64_t at = best->count++;
        best->heap[at] = hit;
        while (at && worse(&best->heap[at], &best->heap[(at - 1) / 2])) {
            Hit swap = best->heap[at];
            best->heap[at] = best->heap[(at - 1) / 2];
            best->heap[(at - 1) / 2] = swap;
            at = (at - 1) / 2;
        }
    } else if (worse(&best->heap[0], &hit)) {
        best->heap[0] = hit;
        sift(best->heap, best->count, 0);
    }
    /* One that is as good as the last may come before it. */
    if (best->count == best->limit && best->heap[0].units > best->floor) best->floor = best->heap[0].units - 1;
}

/* Sets every cursor's part of the window and its bound; returns the sum of the bounds. */
static int64_t enter_window(Cursor **order, Py_ssize_t m, uint32_t base, int64_t end, int64_t *next)
{
    int64_t total = 0;
    *next = INT64_MAX;
    for (Py_ssize_t j = 0; j < m; j++) {
        Cursor *c = order[j];
        c->cur = gallop(c, c->cur, c->n, base);
        c->end = end > UINT32_MAX ? c->n : gallop(c, c->cur, c->n, (uint32_t)end);
        c->top = bound_of(c);
        total += c->top;
        if (c->cur < c->n && doc_at(c, c->cur) < *next) *next = doc_at(c, c->cur);
        Cursor *moved = c;
        Py_ssize_t i = j;
        for (; i && order[i - 1]->top > moved->top; i--) order[i] = order[i - 1];
        order[i] = moved;
    }
    return total;
}

/* Adds the scores of the window's postings; marks the documents in `bits`. */
static void accumulate(Cursor *c, uint32_t base, int64_t *sums, uint64_t *bits)
{
    int64_t cur = c->cur, end = c->end;
    if (c->norms && !c->field->frequent.len && (end == cur || doc_at(c, end - 1) < c->norm_count)) {
        const double weight = c->weight;
        for (int64_t i = cur; i < end; i++) {
            uint32_t doc = c->docs[i] & DOC_MASK, at = doc - base;
            double tf = (double)(c->docs[i] >> DOC_BITS);
            sums[at] += (int64_t)llrint(weight * tf / (tf + (double)c->norms[doc]));
            bits[at >> 6] |= (uint64_t)1 << (at & 63);
        }
    } else {
        for (int64_t i = cur; i < end; i++) {
            uint32_t at = doc_at(c, i) - base;
            sums[at] += score_at(c, i);
            bits[at >> 6] |= (uint64_t)1 << (at & 63);
        }
    }
    c->cur = end;
}

static void scan_window(Cursor **order, Py_ssize_t optional, const int64_t *prefix, uint32_t base,
                        int64_t *sums, uint64_t *bits, const uint8_t *allowed, Best *best)
{
    for (int word = 0; word < WINDOW / 64; word++) {
        uint64_t left = bits[word];
        bits[word] = 0;
        while (left) {
            uint32_t at = (uint32_t)(word * 64 + __builtin_ctzll(left)), doc = base + at;
            left &= left - 1;
            int64_t sum = sums[at];
            sums[at] = 0;
            if (sum + prefix[optional] <= best->floor || (allowed && !allowed[doc])) continue;
            Py_ssize_t j = optional;
            while (j-- > 0) {
                if (sum + prefix[j + 1] <= best->floor) break;
                Cursor *c = order[j];
                c->cur = gallop(c, c->cur, c->end, doc);
                if (c->cur < c->end && doc_at(c, c->cur) == doc) sum += score_at(c, c->cur);
            }
            if (sum > best->floor) offer(best, sum, doc);
        }
    }
}

static int find_best(Query *query, int64_t doc_count, const uint8_t *allowed, Best *best)
{
    Py_ssize_t m = query->count;
    int64_t *sums = calloc(WINDOW, sizeof(int64_t)), *prefix = calloc(m + 1, sizeof(int64_t));
    uint64_t *bits = calloc(WINDOW / 64, sizeof(uint64_t));
    Cursor **order = malloc((m + 1) * sizeof(Cursor *));
    int status = sums && prefix && bits && order ? 0 : -1;
    for (Py_ssize_t j = 0; !status && j < m; j++) order[j] = &query->cursors[j];
    for (int64_t base = 0; !status && base < doc_count;) {
        int64_t end = base + WINDOW < doc_count ? base + WINDOW : doc_count, next;
        int64_t total = enter_window(order, m, (uint32_t)base, end, &next);
        if (next >= doc_count) break;
        if (next >= end) {
            base = next / WINDOW * WINDOW;
            continue;
        }
        if (total > best->floor) {
            Py_ssize_t optional = 0;
            while (optional < m && prefix[optional] + order[optional]->top <= best->floor) {
                prefix[optional + 1] = prefix[optional] + order[optional]->top;
                optional++;
            }
            for (Py_ssize_t j = optional; j < m; j++) accumulate(order[j], (uint32_t)base, sums, bits);
            scan_window(order, optional, prefix, (uint32_t)base, sums, bits, allowed, best);
        }
        for (Py_ssize_t j = 0; j < m; j++) order[j]->cur = order[j]->end;
        base = end;
    }
    free(sums);
    free(prefix);
    free(bits);
    free(order);
    return status;
}

static int compare_hits(const void *a, const void *b)
{
    const Hit *x = a, *y = b;
    return worse(y, x) ? -1 : worse(x, y);
}

/* (documents, units) as bytes objects. */
static PyObject *pair_of(const uint32_t *docs, const int64_t *units, int64_t count)
{
    return Py_BuildValue("(y#y#)", (const char *)docs, (Py_ssize_t)(count * 4), (const char *)units,
                         (Py_ssize_t)(count * 8));
}

/* One item for each document; 0 on success. */
static int take_each(PyObject *object, Py_buffer *view, Py_ssize_t itemsize, const char *what, int64_t doc_count)
{
    if (take(object, view, itemsize, what) < 0) return -1;
    if (length_of(view) >= doc_count) return 0;
    PyErr_Format(PyExc_ValueError, "%s is shorter than the documents", what);
    PyBuffer_Release(view);
    view->obj = NULL;
    return -1;
}

/* The optional mask of allowed documents; 0 on success. */
static int take_mask(PyObject *object, Py_buffer *view, int64_t doc_count)
{
    return object == Py_None ? 0 : take_each(object, view, 1, "allowed", doc_count);
}

static PyObject *top_union(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *mask, *order, *result = NULL;
    long long doc_count, limit, floor;
    if (!PyArg_ParseTuple(args, "OOOLLLOO", &fields, &terms, &lists, &doc_count, &limit, &floor, &mask, &order))
        return NULL;
    if (limit > doc_count) limit = doc_count;
    if (limit <= 0) return Py_BuildValue("(yy)", "", "");
    Query query = {0};
    Py_buffer allowed = {0}, ranks = {0};
    Best best = {malloc((size_t)limit * sizeof(Hit)), 0, limit, floor, NULL};
    uint32_t *docs = malloc((size_t)limit * 4);
    int64_t *units = malloc((size_t)limit * 8);
    int status = take_query(fields, terms, lists, &query);
    if (!status) status = take_mask(mask, &allowed, doc_count);
    if (!status) status = take_each(order, &ranks, 4, "ranks", doc_count);
    best.ranks = ranks.buf;
    if (!status && best.heap && docs && units) {
        Py_BEGIN_ALLOW_THREADS
        status = find_best(&query, doc_count, allowed.buf, &best);
        qsort(best.heap, (size_t)best.count, sizeof(Hit), compare_hits);
        for (int64_t i = 0; i < best.count; i++) {
            docs[i] = best.heap[i].doc;
            units[i] = best.heap[i].units;
        }
        Py_END_ALLOW_THREADS
        result = status ? PyErr_NoMemory() : pair_of(docs, units, best.count);
    } else if (!status) PyErr_NoMemory();
    if (allowed.obj) PyBuffer_Release(&allowed);
    if (ranks.obj) PyBuffer_Release(&ranks);
    release_query(&query);
    free(best.heap);
    free(docs);
    free(units);
    return result;
}

/* ---- union, union_count ------------------------------------------------------------------------- */

static int64_t unite(Query *query, int64_t doc_count, int64_t *sums, uint64_t *bits, uint32_t *docs,
                     int64_t *units)
{
    int64_t count = 0;
    for (int64_t base = 0; base < doc_count;) {
        int64_t end = base + WINDOW < doc_count ? base + WINDOW : doc_count, next = INT64_MAX;
        for (Py_ssize_t j = 0; j < query->count; j++) {
            Cursor *c = &query->cursors[j];
            if (c->cur < c->n && doc_at(c, c->cur) < next) next = doc_at(c, c->cur);
        }
        if (next >= doc_count) break;
        if (next >= end) {
            base = next / WINDOW * WINDOW;
            continue;
        }
        for (Py_ssize_t j = 0; j < query->count; j++) {
            Cursor *c = &query->cursors[j];
            c->end = end > UINT32_MAX ? c->n : gallop(c, c->cur, c->n, (uint32_t)end);
            accumulate(c, (uint32_t)base, sums, bits);
        }
        for (int word = 0; word < WINDOW / 64; word++) {
            uint64_t left = bits[word];
            bits[word] = 0;
            for (; left; left &= left - 1) {
                uint32_t at = (uint32_t)(word * 64 + __builtin_ctzll(left));
                docs[count] = (uint32_t)base + at;
                units[count++] = sums[at];
                sums[at] = 0;
            }
        }
        base = end;
    }
    return count;
}

static PyObject *union_(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *result = NULL;
    long long doc_count;
    if (!PyArg_ParseTuple(args, "OOOL", &fields, &terms, &lists, &doc_count)) return NULL;
    Query query = {0};
    if (take_query(fields, terms, lists, &query) < 0) {
        release_query(&query);
        return NULL;
    }
    int64_t most = 0, count = 0;
    for (Py_ssize_t j = 0; j < query.count; j++) most += query.cursors[j].n;
    if (most > doc_count) most = doc_count;
    uint32_t *docs = malloc((size_t)most * 4 + 4);
    int64_t *units = malloc((size_t)most * 8 + 8), *sums = calloc(WINDOW, sizeof(int64_t));
    uint64_t *bits = calloc(WINDOW / 64, sizeof(uint64_t));
    if (docs && units && sums && bits) {
        Py_BEGIN_ALLOW_THREADS
        count = unite(&query, doc_count, sums, bits, docs, units);
        Py_END_ALLOW_THREADS
        result = pair_of(docs, units, count);
    } else PyErr_NoMemory();
    free(docs);
    free(units);
    free(sums);
    free(bits);
    release_query(&query);
    return result;
}

static int64_t count_marks(const Query *query, int64_t doc_count, const uint8_t *allowed, uint64_t *bits)
{
    for (Py_ssize_t j = 0; j < query->count; j++) {
        const Cursor *c = &query->cursors[j];
        for (int64_t i = 0; i < c->n; i++)
            if (doc_at(c, i) < doc_count) bits[doc_at(c, i) >> 6] |= (uint64_t)1 << (doc_at(c, i) & 63);
    }
    int64_t count = 0;
    for (int64_t word = 0; word < doc_count / 64 + 1; word++) {
        if (!allowed) {
            count += __builtin_popcountll(bits[word]);
            continue;
        }
        for (uint64_t left = bits[word]; left; left &= left - 1)
            count += allowed[word * 64 + __builtin_ctzll(left)] != 0;
    }
    return count;
}

static PyObject *union_count(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *mask;
    long long doc_count;
    if (!PyArg_ParseTuple(args, "OOOLO", &fields, &terms, &lists, &doc_count, &mask)) return NULL;
    Query query = {0};
    Py_buffer allowed = {0};
    int64_t count = -1;
    uint64_t *bits = calloc((size_t)doc_count / 64 + 1, 8);
    if (take_query(fields, terms, lists, &query) == 0 && take_mask(mask, &allowed, doc_count) == 0) {
        if (bits) {
            Py_BEGIN_ALLOW_THREADS
            count = count_marks(&query, doc_count, allowed.buf, bits);
            Py_END_ALLOW_THREADS
        } else PyErr_NoMemory();
    }
    if (allowed.obj) PyBuffer_Release(&allowed);
    release_query(&query);
    free(bits);
    return count < 0 ? NULL : PyLong_FromLongLong(count);
}

/* ---- gather, intersection ----------------------------------------------------------------------- */

static PyObject *gather(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *wanted;
    if (!PyArg_ParseTuple(args, "OOOO", &fields, &terms, &lists, &wanted)) return NULL;
    Py_buffer view;
    if (take(wanted, &view, 4, "docs") < 0) return NULL;
    Query query = {0};
    Py_ssize_t count = length_of(&view);
    PyObject *sums = NULL, *hits = NULL, *result = NULL;
    if (take_query(fields, terms, lists, &query) == 0) {
        sums = PyBytes_FromStringAndSize(NULL, count * 8);
        hits = PyBytes_FromStringAndSize(NULL, count * 4);
    }
    if (sums && hits) {
        int64_t *sum = (int64_t *)PyBytes_AS_STRING(sums);
        uint32_t *hit = (uint32_t *)PyBytes_AS_STRING(hits);
        const uint32_t *docs = view.buf;
        Py_BEGIN_ALLOW_THREADS
        memset(sum, 0, (size_t)count * 8);
        memset(hit, 0, (size_t)count * 4);
        for (Py_ssize_t j = 0; j < query.count; j++) {
            Cursor *c = &query.cursors[j];
            for (Py_ssize_t i = 0; i < count && c->cur < c->n; i++) {
                c->cur = gallop(c, c->cur, c->n, docs[i]);
                if (c->cur < c->n && doc_at(c, c->cur) == docs[i]) {
                    sum[i] += score_at(c, c->cur);
                    hit[i]++;
                }
            }
        }
        Py_END_ALLOW_THREADS
        result = PyTuple_Pack(2, sums, hits);
    }
    Py_XDECREF(sums);
    Py_XDECREF(hits);
    release_query(&query);
    PyBuffer_Release(&view);
    return result;
}

static int compare_lengths(const void *a, const void *b)
{
    const Cursor *x = a, *y = b;
    return x->n < y->n ? -1 : x->n > y->n;
}

/* Moves all cursors on to the next document that all have; the document, or -1 at the end. */
static int64_t next_common(Cursor *cursors, Py_ssize_t m)
{
    Cursor *rare = &cursors[0];
    for (; rare->cur < rare->n; rare->cur++) {
        uint32_t doc = doc_at(rare, rare->cur);
        Py_ssize_t j = 1;
        for (; j < m; j++) {
            Cursor *c = &cursors[j];
            c->cur = gallop(c, c->cur, c->n, doc);
            if (c->cur >= c->n) return -1;
            if (doc_at(c, c->cur) != doc) break;
        }
        if (j == m) return doc;
    }
    return -1;
}

static PyObject *intersection(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *result = NULL;
    if (!PyArg_ParseTuple(args, "OOO", &fields, &terms, &lists)) return NULL;
    Query query = {0};
    if (take_query(fields, terms, lists, &query) < 0 || !query.count) {
        release_query(&query);
        return PyErr_Occurred() ? NULL : pair_of(NULL, NULL, 0);
    }
    qsort(query.cursors, (size_t)query.count, sizeof(Cursor), compare_lengths);
    int64_t most = query.cursors[0].n, count = 0, doc;
    uint32_t *docs = malloc((size_t)most * 4 + 4);
    int64_t *units = malloc((size_t)most * 8 + 8);
    if (docs && units) {
        Py_BEGIN_ALLOW_THREADS
        while ((doc = next_common(query.cursors, query.count)) >= 0) {
            int64_t sum = 0;
            for (Py_ssize_t j = 0; j < query.count; j++) sum += score_at(&query.cursors[j], query.cursors[j].cur);
            docs[count] = (uint32_t)doc;
            units[count++] = sum;
            query.cursors[0].cur++;
        }
        Py_END_ALLOW_THREADS
        result = pair_of(docs, units, count);
    } else PyErr_NoMemory();
    free(docs);
    free(units);
    release_query(&query);
    return result;
}

/* ---- phrase ------------------------------------------------------------------------------------- */

/* Where the positions of a posting start. */
static int64_t position_start(const Field *f, int64_t posting)
{
    int64_t first = posting / BLOCK * BLOCK;
    int64_t at = (int64_t)load(f->blocks.buf, f->blocks.itemsize, posting / BLOCK);
    if (f->frequent.len) {
        for (int64_t i = first; i < posting; i++) at += (int64_t)freq_at(f, i);
        return at;
    }
    const uint32_t *postings = f->postings.buf;
    uint32_t sum = 0;
    for (int64_t i = first; i < posting; i++) sum += postings[i] >> DOC_BITS;
    return at + sum;
}

/* The position with an index: see indexer/codec/places.py. */
static inline uint32_t position_at(const Field *f, int64_t index)
{
    uint32_t position = (uint32_t)load(f->positions.buf, f->positions.itemsize, index);
    return position == NEAR ? (uint32_t)look_up(&f->far, index, NEAR) : position;
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

/* How far a term stands behind the one before it, at least and at most. */
typedef struct { long long low, high; } Step;

/* Whether the current document of all cursors (in phrase order) holds the phrase; -1 without memory. */
static int holds_phrase(const Field *f, Cursor **cursors, Py_ssize_t m, const Step *steps, Ends *ends)
{
    for (Py_ssize_t j = 0; j < m; j++) {
        int64_t posting = cursors[j]->start + cursors[j]->cur;
        int64_t count = (int64_t)freq_at(f, posting);
        int64_t from = position_start(f, posting), kept = 0, before = -1;
        if (from + count > length_of(&f->positions)) return 0;
        if (make_room(&ends[j & 1], count) < 0) return -1;
        const Ends *last = &ends[(j + 1) & 1];
        uint32_t *now = ends[j & 1].ends;
        for (int64_t i = 0; i < count; i++) {
            uint32_t spot = position_at(f, from + i);
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

static int64_t find_phrases(const Field *field, Query *query, Cursor **ordered, const Step *steps, uint32_t *found)
{
    Ends ends[2] = {{0}};
    int64_t count = 0, doc;
    while ((doc = next_common(query->cursors, query->count)) >= 0) {
        int held = holds_phrase(field, ordered, query->count, steps, ends);
        if (held < 0) { count = -1; break; }
        if (held) found[count++] = (uint32_t)doc;
        query->cursors[0].cur++;
    }
    free(ends[0].ends);
    free(ends[1].ends);
    return count;
}

/* The steps of a phrase, count of them, from a sequence of pairs; NULL with an exception set. */
static Step *take_steps(PyObject *pairs, Py_ssize_t count)
{
    PyObject *items = PySequence_Fast(pairs, "steps are a sequence of pairs");
    Step *steps = items ? malloc((size_t)(count + 1) * sizeof(Step)) : NULL;
    if (items && !steps) PyErr_NoMemory();
    if (steps && PySequence_Fast_GET_SIZE(items) != count) {
        PyErr_SetString(PyExc_ValueError, "a phrase needs a step between each two of its terms");
        free(steps);
        steps = NULL;
    }
    for (Py_ssize_t i = 0; steps && i < count; i++) {
        if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(items, i), "LL", &steps[i].low, &steps[i].high)) {
            free(steps);
            steps = NULL;
        }
    }
    Py_XDECREF(items);
    return steps;
}

static PyObject *phrase(PyObject *self, PyObject *args)
{
    PyObject *field, *terms, *pairs, *result = NULL;
    if (!PyArg_ParseTuple(args, "OOO", &field, &terms, &pairs)) return NULL;
    Query query = {0};
    PyObject *fields = PyTuple_Pack(1, field), *none = PyTuple_New(0);
    int status = fields && none ? take_query(fields, terms, none, &query) : -1;
    Py_XDECREF(fields);
    Py_XDECREF(none);
    Py_ssize_t m = status ? 0 : query.count;
    if (!status && (!m || !query.fields[0].has_positions)) {
        PyErr_SetString(PyExc_ValueError, "a phrase needs terms of a field with positions");
        status = -1;
    }
    Cursor **ordered = malloc((size_t)(m + 1) * sizeof(Cursor *));
    Step *steps = status ? NULL : take_steps(pairs, m - 1);
    uint32_t *docs = NULL;
    if (steps && ordered) {
        /* Sort by rarity, but remember the order of the phrase: the weight carries the place. */
        for (Py_ssize_t j = 0; j < m; j++) query.cursors[j].weight = (double)j;
        qsort(query.cursors, (size_t)m, sizeof(Cursor), compare_lengths);
        for (Py_ssize_t j = 0; j < m; j++) ordered[(Py_ssize_t)query.cursors[j].weight] = &query.cursors[j];
        docs = malloc((size_t)query.cursors[0].n * 4 + 4);
        if (docs) {
            int64_t count;
            Py_BEGIN_ALLOW_THREADS
            count = find_phrases(&query.fields[0], &query, ordered, steps, docs);
            Py_END_ALLOW_THREADS
            if (count >= 0) result = PyBytes_FromStringAndSize((const char *)docs, (Py_ssize_t)count * 4);
        }
        if (!result && !PyErr_Occurred()) PyErr_NoMemory();
    }
    free(docs);
    free(steps);
    free(ordered);
    release_query(&query);
    return result;
}

/* ---- windows ------------------------------------------------------------------------------------ */

typedef struct { uint32_t spot, term; } Spot;
typedef struct { Spot *spots; int64_t count, room; } Spots;

static int compare_spots(const void *a, const void *b)
{
    const Spot *x = a, *y = b;
    if (x->spot != y->spot) return x->spot < y->spot ? -1 : 1;
    return x->term < y->term ? -1 : x->term > y->term;
}

/* Appends the positions of the cursor's current posting; -1 without memory. */
static int add_spots(const Field *f, const Cursor *c, uint32_t term, Spots *spots)
{
    int64_t posting = c->start + c->cur, from = position_start(f, posting);
    int64_t count = (int64_t)freq_at(f, posting);
    if (from + count > length_of(&f->positions)) return 0;
    if (spots->count + count > spots->room) {
        int64_t room = 2 * (spots->count + count);
        Spot *grown = realloc(spots->spots, (size_t)room * sizeof(Spot));
        if (!grown) return -1;
        spots->spots = grown;
        spots->room = room;
    }
    for (int64_t i = 0; i < count; i++) {
        Spot spot = {position_at(f, from + i), term};
        spots->spots[spots->count++] = spot;
    }
    return 0;
}

/* The largest sum of weights of different terms within `width`; `inside` counts by term, all zero. */
static int64_t best_window(const Spots *spots, const Cursor *cursors, int64_t width, uint32_t *inside)
{
    int64_t sum = 0, best = 0, low = 0;
    for (int64_t i = 0; i < spots->count; i++) {
        const Spot *now = &spots->spots[i];
        if (!inside[now->term]++) sum += (int64_t)llrint(cursors[now->term].weight);
        for (; (int64_t)now->spot - spots->spots[low].spot > width; low++)
            if (!--inside[spots->spots[low].term])
                sum -= (int64_t)llrint(cursors[spots->spots[low].term].weight);
        if (sum > best) best = sum;
    }
    for (; low < spots->count; low++) inside[spots->spots[low].term] = 0;
    return best;
}

static int find_windows(Query *query, const uint32_t *docs, int64_t count, int64_t width, int64_t *best)
{
    Spots spots = {0};
    uint32_t *inside = calloc((size_t)query->count + 1, 4);
    int status = inside ? 0 : -1;
    for (int64_t i = 0; i < count && !status; i++) {
        spots.count = 0;
        for (Py_ssize_t j = 0; j < query->count && !status; j++) {
            Cursor *c = &query->cursors[j];
            c->cur = gallop(c, c->cur, c->n, docs[i]);
            if (c->cur < c->n && doc_at(c, c->cur) == docs[i])
                status = add_spots(&query->fields[0], c, (uint32_t)j, &spots);
        }
        if (spots.count) qsort(spots.spots, (size_t)spots.count, sizeof(Spot), compare_spots);
        if (!status) best[i] = best_window(&spots, query->cursors, width, inside);
    }
    free(spots.spots);
    free(inside);
    return status;
}

static PyObject *windows(PyObject *self, PyObject *args)
{
    PyObject *field, *terms, *wanted, *result = NULL;
    long long width;
    if (!PyArg_ParseTuple(args, "OOOL", &field, &terms, &wanted, &width)) return NULL;
    Py_buffer view;
    if (take(wanted, &view, 4, "docs") < 0) return NULL;
    Query query = {0};
    PyObject *fields = PyTuple_Pack(1, field), *none = PyTuple_New(0);
    int status = fields && none ? take_query(fields, terms, none, &query) : -1;
    Py_XDECREF(fields);
    Py_XDECREF(none);
    if (!status && !query.fields[0].has_positions) {
        PyErr_SetString(PyExc_ValueError, "windows need a field with positions");
        status = -1;
    }
    if (!status) result = PyBytes_FromStringAndSize(NULL, length_of(&view) * 8);
    if (result) {
        Py_BEGIN_ALLOW_THREADS
        status = find_windows(&query, view.buf, length_of(&view), width, (int64_t *)PyBytes_AS_STRING(result));
        Py_END_ALLOW_THREADS
        if (status) {
            Py_CLEAR(result);
            PyErr_NoMemory();
        }
    }
    release_query(&query);
    PyBuffer_Release(&view);
    return result;
}

/* ---- module ------------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"top_union", top_union, METH_VARARGS, "The best documents of a union."},
    {"union", union_, METH_VARARGS, "All documents of a union, with scores."},
    {"union_count", union_count, METH_VARARGS, "How many documents a union has."},
    {"gather", gather, METH_VARARGS, "Scores of given documents."},
    {"intersection", intersection, METH_VARARGS, "Documents in all terms and lists, with scores."},
    {"phrase", phrase, METH_VARARGS, "Documents that hold a phrase."},
    {"windows", windows, METH_VARARGS, "How much of the terms stands close together in given documents."},
    {"group", kernel_group, METH_VARARGS, "Tokens sorted into postings."},
    {"group_pairs", kernel_group_pairs, METH_VARARGS, "Postings of terms and pairs from symbols."},
    {"merge_terms", kernel_merge_terms, METH_VARARGS, "Sorted term lists united."},
    {"intern", kernel_intern, METH_VARARGS, "Numbers of terms."},
    {"intern_slices", kernel_intern_slices, METH_VARARGS, "Numbers of those parts of a text that are terms."},
    {"order_terms", kernel_order_terms, METH_O, "The terms of a table sorted by their bytes."},
    {"term_table", kernel_term_table, METH_NOARGS, "A table without terms."},
    {"table_bytes", kernel_table_bytes, METH_O, "About how many bytes a table takes."},
    {"intern_units", kernel_intern_units, METH_VARARGS, "Numbers and positions of the grams of units."},
    {"find_span", kernel_find_span, METH_VARARGS, "The postings of a term."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_kernel", "See indexer/codec/vectorized.py.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModule_Create(&module); }
