/* The inner loops of indexer/engine/embedded/kernel/vectorized.py, which describes every function and the scores.
 *
 * Plain CPython API and the buffer protocol; no numpy headers. Arrays come in as buffers, results go out
 * as bytes. Loops run without the GIL. Scores are integer units, so no result depends on the order of
 * evaluation; compile with -ffp-contract=off, so that each product and quotient is rounded as numpy does.
 */
#include "_kernel.h"
#include <math.h>

#define BLOCK 128
#define WINDOW 8192
#define FEW 16
#define DOC_BITS 24             /* indexer/engine/embedded/arrays/packing.py */
#define DOC_MASK 0xFFFFFFu
#define MOST 255
#define NEAR 255                /* indexer/engine/embedded/arrays/places.py */
#define FILE_BLOCK_BITS 16      /* indexer/arrays/sections.py */
#define HIGHEST ((int64_t)1 << 60)

/* ---- arguments ---------------------------------------------------------------------------------- */

static PyObject *index_corrupt, *native_name;

int damaged(const char *what)
{
    PyErr_Format(index_corrupt, "index: %s is damaged; run `hansou rollback` or `hansou rebuild`", what);
    return -1;
}

int refuse(const char *why)
{
    PyErr_SetString(PyExc_ValueError, why);
    return -1;
}

int no_memory(void)
{
    PyErr_NoMemory();
    return -1;
}

/* The array of a section, of whose file `flat` now knows the marks; NULL with an exception set. */
static PyObject *array_of(PyObject *section, Flat *flat)
{
    PyObject *native = flat->native = PyObject_GetAttr(section, native_name);
    if (!native || !PyTuple_CheckExact(native) || PyTuple_GET_SIZE(native) != 5) {
        PyErr_SetString(PyExc_TypeError, "an array or a section of a file is needed");
        return NULL;
    }
    PyObject *marks = PyTuple_GET_ITEM(native, 1);
    if (PyByteArray_CheckExact(marks)) {
        flat->marks = PyByteArray_AS_STRING(marks);
        flat->blocks = PyByteArray_GET_SIZE(marks);
        flat->first = PyLong_AsLongLong(PyTuple_GET_ITEM(native, 3));
    }
    return PyTuple_GET_ITEM(native, 0);
}

int flat_take(PyObject *object, Py_ssize_t itemsize, const char *what, Flat *flat)
{
    if (!PyObject_CheckBuffer(object)) object = array_of(object, flat);
    if (!object || PyObject_GetBuffer(object, &flat->view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
    Py_ssize_t size = flat->view.itemsize;
    int whole = (size == 1 || size == 2 || size == 4 || size == 8) && !((uintptr_t)flat->view.buf % (size_t)size);
    if (!flat->view.len) return 0;
    if (whole && (!itemsize || size == itemsize)) {
        flat->length = flat->view.len / size;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s: items of %zd bytes are needed", what, itemsize);
    return -1;
}

int flat_ensure(const Flat *flat, int64_t from, int64_t to)
{
    if (from < 0 || from > to || to > flat->length) return damaged("an offset");
    if (from == to) return 0;
    int64_t size = flat->view.itemsize, start = flat->first + from * size, end = flat->first + to * size;
    int64_t block = start >> FILE_BLOCK_BITS, last = (end - 1) >> FILE_BLOCK_BITS;
    if (last < flat->blocks && !memchr(flat->marks + block, 0, (size_t)(last - block + 1))) return 0;
    PyObject *done = PyObject_CallFunction(PyTuple_GET_ITEM(flat->native, 2), "LLO", (long long)start,
                                           (long long)end, PyTuple_GET_ITEM(flat->native, 4));
    Py_XDECREF(done);
    return done ? 0 : -1;
}

void flat_release(Flat *flats, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        if (flats[i].view.obj) PyBuffer_Release(&flats[i].view);
        Py_CLEAR(flats[i].native);
    }
}

#define PARTS 8
#define LENGTHS 256             /* indexer/query/ranking.py */

typedef struct {
    union {
        struct { Flat postings, frequent, norms, bounds, positions, blocks, far, lengths; };
        Flat parts[PARTS];
    };
    int damaged;                /* whether something was found in it that cannot be */
} Field;

typedef struct {
    const uint32_t *docs;       /* of this slice; of a term: packed postings */
    uint32_t mask;              /* what of an item is the document */
    int64_t n, cur, end;        /* length, next posting, end of the current window */
    int64_t start;              /* where the slice starts among all postings of the field */
    Field *field;               /* of a list one without arrays */
    const int64_t *units;       /* of a list */
    double weight;
    int64_t top;                /* bound of the current window */
    int64_t far;                /* near which a far position is listed */
    int64_t group, choice;      /* of a group from 1 the best choice counts; 0: of none */
} Cursor;

/* How far a term stands behind the one before it, at least and at most. */
typedef struct { int64_t low, high; } Step;

/* What a function is asked, and what it finds. */
typedef struct {
    Field *fields;              /* one more than there are, for lists */
    Flat *lists;                /* documents and units in turn */
    Cursor *cursors;
    Py_ssize_t field_count, list_count, count;
    Flat flat, ranks;           /* which documents are allowed, or those that are asked for; for equal scores */
    long long doc_count, limit, floor, width;
    double least;
    Step *steps;
    uint32_t *docs, *matching;  /* `matching`: all that match, where they are given too */
    int64_t *units, matches;
} Query;

static int64_t blocks_of(int64_t postings) { return (postings + BLOCK - 1) / BLOCK; }

static int take_field(PyObject *tuple, Field *field)
{
    static const struct { const char *name; int size, optional; } parts[PARTS] = {
        {"postings", 4, 0}, {"frequent", 8, 0}, {"norms", 4, 1}, {"bounds", 4, 0},
        {"positions", 0, 1}, {"block positions", 0, 1}, {"far", 0, 1}, {"lengths", 1, 1},
    };
    if (!PyTuple_Check(tuple) || PyTuple_GET_SIZE(tuple) != PARTS) return refuse("a field is a tuple of eight");
    for (int i = 0; i < PARTS; i++) {
        PyObject *part = PyTuple_GET_ITEM(tuple, i);
        if (part == Py_None && parts[i].optional) continue;
        if (flat_take(part, parts[i].size, parts[i].name, &field->parts[i]) < 0) return -1;
    }
    int64_t blocks = blocks_of(field->postings.length);
    if (field->bounds.length < blocks
        || (field->norms.view.obj && (field->norms.length != LENGTHS || !field->lengths.view.obj))
        || (field->positions.view.obj && (field->blocks.length < blocks || !field->far.view.obj)))
        return refuse("a field's arrays do not fit together");
    return flat_verify(&field->frequent, 0, field->frequent.length);
}

static int take_term(PyObject *tuple, Query *query, Cursor *cursor)
{
    Py_ssize_t which, start, end;
    double weight;
    if (!PyArg_ParseTuple(tuple, "nnnd", &which, &start, &end, &weight)) return -1;
    if (which < 0 || which >= query->field_count) return refuse("a term is of no field");
    Field *field = &query->fields[which];
    if (start < 0 || start > end) return damaged("an offset");
    /* What is before in the same block is added up to find positions. */
    if (flat_verify(&field->postings, start / BLOCK * BLOCK, end) < 0) return -1;
    *cursor = (Cursor){.docs = (const uint32_t *)field->postings.view.buf + start, .mask = DOC_MASK,
                       .n = end - start, .start = start, .field = field, .weight = weight};
    return 0;
}

static int take_list(PyObject *tuple, Flat *flats, Field *field, Cursor *cursor)
{
    PyObject *docs, *units;
    if (!PyArg_ParseTuple(tuple, "OO", &docs, &units)) return -1;
    if (flat_take(docs, 4, "list documents", &flats[0]) < 0 || flat_take(units, 8, "list units", &flats[1]) < 0)
        return -1;
    *cursor = (Cursor){.docs = flats[0].view.buf, .mask = UINT32_MAX, .n = flats[0].length, .field = field,
                       .units = flats[1].view.buf};
    return flats[0].length == flats[1].length ? 0 : refuse("a list's arrays differ in length");
}

/* Sequences of fields, terms and lists, if any, as cursors; 0 on success. */
static int take_query(PyObject *fields, PyObject *terms, PyObject *lists, Query *query)
{
    /* Verifying lets others run, who could change a list: a tuple stays as it is. */
    PyObject *sequences[3] = {fields, terms, lists}, *items[3] = {NULL};
    int status = 0;
    for (int i = 0; i < 3 && !status; i++)
        status = (items[i] = sequences[i] ? PySequence_Tuple(sequences[i]) : PyTuple_New(0)) ? 0 : -1;
    if (!status) {
        query->field_count = PyTuple_GET_SIZE(items[0]);
        query->list_count = PyTuple_GET_SIZE(items[2]);
        query->count = PyTuple_GET_SIZE(items[1]) + query->list_count;
        query->fields = calloc((size_t)query->field_count + 1, sizeof(Field));
        query->lists = calloc(2 * (size_t)query->list_count + 1, sizeof(Flat));
        query->cursors = calloc((size_t)query->count + 1, sizeof(Cursor));
        status = query->fields && query->lists && query->cursors ? 0 : no_memory();
    }
    for (Py_ssize_t i = 0; !status && i < query->field_count; i++)
        status = take_field(PyTuple_GET_ITEM(items[0], i), &query->fields[i]);
    Cursor *cursor = query->cursors;
    for (Py_ssize_t i = 0; !status && i < query->count - query->list_count; i++)
        status = take_term(PyTuple_GET_ITEM(items[1], i), query, cursor++);
    for (Py_ssize_t i = 0; !status && i < query->list_count; i++)
        status = take_list(PyTuple_GET_ITEM(items[2], i), &query->lists[2 * i], &query->fields[query->field_count],
                           cursor++);
    for (int i = 0; i < 3; i++) Py_XDECREF(items[i]);
    return status;
}

/* Verifies the positions of a term; -1 with an exception set. */
static int take_positions(const Cursor *c)
{
    const Field *f = c->field;
    int64_t first = c->start / BLOCK, last = blocks_of(c->start + c->n), told = last < f->blocks.length;
    if (!c->n) return 0;
    if (flat_verify(&f->blocks, first, last + told) < 0 || flat_verify(&f->far, 0, f->far.length) < 0) return -1;
    return flat_verify(&f->positions, (int64_t)flat_at(&f->blocks, first),
                       told ? (int64_t)flat_at(&f->blocks, last) : f->positions.length);
}

/* The same as `take_query` of terms of one field whose positions are asked for. */
static int take_positional(PyObject *field, PyObject *terms, Query *query)
{
    PyObject *fields = PyTuple_Pack(1, field);
    int status = fields ? take_query(fields, terms, NULL, query) : -1;
    Py_XDECREF(fields);
    if (!status && !query->fields[0].positions.view.obj) status = refuse("a field with positions is needed");
    for (Py_ssize_t i = 0; i < query->count && !status; i++) status = take_positions(&query->cursors[i]);
    return status;
}

/* The documents that are allowed, if not all are; 0 on success. */
static int take_mask(PyObject *object, Query *query)
{
    if (query->doc_count < 0 || query->doc_count > UINT32_MAX) return refuse("there are less than 2**32 documents");
    if (object == Py_None) return 0;
    if (flat_take(object, 1, "allowed", &query->flat) < 0) return -1;
    return query->flat.length >= query->doc_count ? 0 : refuse("allowed is shorter than the documents");
}

/* For each document its place among equals; 0 on success. */
static int take_ranks(PyObject *object, Query *query)
{
    if (flat_take(object, 4, "ranks", &query->ranks) < 0) return -1;
    return query->ranks.length >= query->doc_count ? 0 : refuse("ranks is shorter than the documents");
}

/* As many steps as there must be, from a sequence of pairs; -1 with an exception set. */
static int take_steps(PyObject *pairs, Py_ssize_t count, const char *why, Query *query)
{
    PyObject *items = PySequence_Tuple(pairs);
    int status = items ? 0 : -1;
    if (items && PyTuple_GET_SIZE(items) != count) status = refuse(why);
    if (!status && !(query->steps = malloc((size_t)(count + 1) * sizeof(Step)))) status = no_memory();
    for (Py_ssize_t i = 0; !status && i < count; i++) {
        int low, high;
        status = PyArg_ParseTuple(PyTuple_GET_ITEM(items, i), "ii", &low, &high) ? 0 : -1;
        if (!status) query->steps[i] = (Step){low, high};
    }
    Py_XDECREF(items);
    return status;
}

static void give_back(Query *query)
{
    for (Py_ssize_t i = 0; query->fields && i < query->field_count; i++) flat_release(query->fields[i].parts, PARTS);
    if (query->lists) flat_release(query->lists, 2 * query->list_count);
    flat_release(&query->flat, 1);
    flat_release(&query->ranks, 1);
    free(query->fields);
    free(query->lists);
    free(query->cursors);
    free(query->steps);
    free(query->matching);
}

/* Without the GIL `work` finds up to `most` documents and units, and says how many, or -1 without memory: these
 * as two bytes objects, and all that match as a third where it gives them. With a negative number there is an
 * exception already. Ends the query. */
static PyObject *answer(Query *query, int64_t most, int64_t (*work)(Query *))
{
    PyObject *docs = NULL, *units = NULL, *result = NULL;
    if (most >= 0 && (docs = PyBytes_FromStringAndSize(NULL, most * 4))
        && (units = PyBytes_FromStringAndSize(NULL, most * 8))) {
        int64_t count;
        query->docs = (uint32_t *)PyBytes_AS_STRING(docs);
        query->units = (int64_t *)PyBytes_AS_STRING(units);
        Py_BEGIN_ALLOW_THREADS
        count = work(query);
        Py_END_ALLOW_THREADS
        int found = 0;
        for (Py_ssize_t i = 0; i <= query->field_count; i++) found |= query->fields[i].damaged;
        if (count < 0) PyErr_NoMemory();
        else if (found) damaged("a list of postings or of positions");
        else if (!_PyBytes_Resize(&docs, count * 4) && !_PyBytes_Resize(&units, count * 8))
            result = !query->matching ? PyTuple_Pack(2, docs, units)
                : Py_BuildValue("OOy#", docs, units, query->matching, (Py_ssize_t)query->matches * 4);
    }
    Py_XDECREF(docs);
    Py_XDECREF(units);
    give_back(query);
    return result;
}

/* ---- scores and searching ----------------------------------------------------------------------- */

/* The place in a list of the first index that is not less than `index`, near `from`. */
static int64_t listed_from(const Flat *list, int64_t from, int64_t index)
{
    int64_t low = from, high = list->length / 2, step = 1;
    for (; low + step < high && (int64_t)flat_at(list, low + step) < index; step <<= 1) low += step;
    if (low + step < high) high = low + step;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if ((int64_t)flat_at(list, middle) < index) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The number that is listed for an index: see indexer/engine/embedded/arrays/packing.py. */
static uint64_t look_up(Field *field, const Flat *list, int64_t index)
{
    int64_t half = list->length / 2, place = listed_from(list, 0, index);
    if (place < half && (int64_t)flat_at(list, place) == index) return flat_at(list, half + place);
    field->damaged = 1;
    return 0;
}

static inline uint64_t freq_at(Field *field, int64_t posting)
{
    uint32_t freq = ((const uint32_t *)field->postings.view.buf)[posting] >> DOC_BITS;
    return freq == MOST && field->frequent.length ? look_up(field, &field->frequent, posting) : freq;
}

static inline uint32_t doc_at(const Cursor *c, int64_t i) { return c->docs[i] & c->mask; }

/* Sums of what may be anything: they wrap. */
static inline int64_t plus(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

static inline int64_t score_at(const Cursor *c, int64_t i)
{
    if (c->units) return c->units[i];
    double tf = (double)freq_at(c->field, c->start + i);
    double s = c->weight * tf;
    const Flat *lengths = &c->field->lengths;
    const float *norms = c->field->norms.view.buf;
    if (norms) {
        uint32_t doc = doc_at(c, i);
        if (doc < lengths->length) s /= tf + (double)norms[((const uint8_t *)lengths->view.buf)[doc]];
        else c->field->damaged = 1;
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
    const float *bounds = c->field->bounds.view.buf;
    float top = 0;
    for (int64_t b = (c->start + c->cur) / BLOCK; b <= (c->start + c->end - 1) / BLOCK; b++)
        if (bounds[b] > top) top = bounds[b];
    double bound = c->weight * (double)top;
    return bound < (double)HIGHEST ? (int64_t)bound + 2 : HIGHEST;
}

/* ---- top_union ---------------------------------------------------------------------------------- */

typedef struct { int64_t units; uint32_t doc, rank; } Hit;

static inline int worse(const Hit *a, const Hit *b)
{
    return a->units < b->units || (a->units == b->units && a->rank > b->rank);
}

static int compare_hits(const void *a, const void *b)
{
    const Hit *x = a, *y = b;
    return worse(y, x) ? -1 : worse(x, y);
}

typedef struct {
    Hit *heap;                  /* the worst first; as many as wanted, those that are none yet worse than any */
    int64_t count, limit, floor;    /* floor: what a score must exceed */
    const uint32_t *ranks;      /* the order of documents with equal scores */
} Best;

static void offer(Best *best, int64_t units, uint32_t doc)
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

/* The scores of the documents of a window, and which these are. */
typedef struct { int64_t sums[WINDOW]; uint64_t bits[WINDOW / 64]; } Window;

/* Sets every cursor's part of the next window in which there is any posting; its first document, -1 at the end. */
static int64_t enter_window(Query *query, uint32_t *width)
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
static int is_whole(const Cursor *c, uint32_t base, uint32_t width)
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

static PyObject *top_union(PyObject *self, PyObject *args)
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

/* ---- union, union_count ------------------------------------------------------------------------- */

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

static PyObject *union_(PyObject *self, PyObject *args)
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

static PyObject *union_count(PyObject *self, PyObject *args)
{
    PyObject *fields, *terms, *lists, *mask;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOLO", &fields, &terms, &lists, &query.doc_count, &mask)) return NULL;
    int ready = take_mask(mask, &query) == 0 && take_query(fields, terms, lists, &query) == 0;
    return answer(&query, ready ? 1 : -1, count_marks);
}

/* ---- gather -------------------------------------------------------------------------------------- */

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

static PyObject *gather(PyObject *self, PyObject *args)
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

static PyObject *holdings(PyObject *self, PyObject *args)
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

static PyObject *top_among(PyObject *self, PyObject *args)
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

static PyObject *top_enough(PyObject *self, PyObject *args)
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

static PyObject *intersection(PyObject *self, PyObject *args)
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

static PyObject *phrase(PyObject *self, PyObject *args)
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

static PyObject *windows(PyObject *self, PyObject *args)
{
    PyObject *field, *terms, *docs;
    Query query = {0};
    if (!PyArg_ParseTuple(args, "OOOL", &field, &terms, &docs, &query.width)) return NULL;
    int ready = flat_take(docs, 4, "docs", &query.flat) == 0 && take_positional(field, terms, &query) == 0;
    return answer(&query, ready ? query.flat.length : -1, find_windows);
}

/* ---- module ------------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"top_union", top_union, METH_VARARGS, "The best documents of a union."},
    {"top_among", top_among, METH_VARARGS, "The best of given documents."},
    {"top_enough", top_enough, METH_VARARGS, "The best of the documents that hold enough, and all of them."},
    {"union", union_, METH_VARARGS, "All documents of a union, with scores."},
    {"union_count", union_count, METH_VARARGS, "How many documents a union has."},
    {"gather", gather, METH_VARARGS, "Scores of given documents."},
    {"holdings", holdings, METH_VARARGS, "How much of the terms given documents hold, and how often."},
    {"intersection", intersection, METH_VARARGS, "Documents in all terms and lists, with scores."},
    {"phrase", phrase, METH_VARARGS, "Documents that hold a phrase."},
    {"windows", windows, METH_VARARGS, "How much of the terms stands close together in given documents."},
    {"group", kernel_group, METH_VARARGS, "Tokens sorted into postings."},
    {"group_pairs", kernel_group_pairs, METH_VARARGS, "Postings of terms and pairs from symbols."},
    {"merge_terms", kernel_merge_terms, METH_O, "Sorted term lists united."},
    {"intern", kernel_intern, METH_VARARGS, "Numbers of terms."},
    {"intern_slices", kernel_intern_slices, METH_VARARGS, "Numbers of those parts of a text that are terms."},
    {"order_terms", kernel_order_terms, METH_O, "The terms of a table sorted by their bytes."},
    {"term_table", kernel_term_table, METH_NOARGS, "A table without terms."},
    {"table_bytes", kernel_table_bytes, METH_O, "About how many bytes a table takes."},
    {"intern_units", kernel_intern_units, METH_VARARGS, "Numbers and positions of the grams of units."},
    {"find_spans", kernel_find_spans, METH_VARARGS, "The postings of terms."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_kernel", "See indexer/engine/embedded/kernel/vectorized.py.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    PyObject *errors = PyImport_ImportModule("indexer.errors");
    index_corrupt = errors ? PyObject_GetAttrString(errors, "IndexCorrupt") : NULL;
    native_name = PyUnicode_InternFromString("native");
    Py_XDECREF(errors);
    return index_corrupt && native_name ? PyModule_Create(&module) : NULL;
}
