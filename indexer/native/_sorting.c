/* Sorting tokens into postings, uniting sorted terms, and looking up: see
 * indexer/engine/embedded/kernel/vectorized.py (group, merge_terms, find_spans) for what each gives.
 */
#include "_kernel.h"

/* ---- group -------------------------------------------------------------------------------------- */

typedef struct {
    Py_ssize_t tokens, terms, documents;
    const uint32_t *term, *rank, *doc, *count, *position;
    int64_t *starts;            /* terms + 1: first tokens, then postings */
    uint32_t *docs, *freqs, *positions;
} Tokens;

static int scatter(Tokens *t)
{
    int64_t *next = calloc((size_t)t->terms + 2, 8);
    if (!next) return -1;
    for (Py_ssize_t i = 0; i < t->tokens; i++) next[t->rank[t->term[i]] + 1]++;
    for (Py_ssize_t r = 0; r < t->terms; r++) next[r + 1] += next[r];
    memcpy(t->starts, next, ((size_t)t->terms + 1) * 8);
    Py_ssize_t at = 0;
    for (Py_ssize_t d = 0; d < t->documents; d++) {
        for (uint32_t left = t->count[d]; left; left--, at++) {
            int64_t place = next[t->rank[t->term[at]]]++;
            t->docs[place] = t->doc[d];
            if (t->position) t->positions[place] = t->position[at];
        }
    }
    free(next);
    return 0;
}

/* Joins equal documents within each term; the number of postings. */
static int64_t compress(Tokens *t)
{
    int64_t out = 0, from = t->starts[0];
    for (Py_ssize_t r = 0; r < t->terms; r++) {
        int64_t to = t->starts[r + 1], first = out;
        t->starts[r] = out;
        for (int64_t i = from; i < to; i++) {
            if (out > first && t->docs[out - 1] == t->docs[i]) {
                t->freqs[out - 1]++;
            } else {
                t->docs[out] = t->docs[i];
                t->freqs[out++] = 1;
            }
        }
        from = to;
    }
    t->starts[t->terms] = out;
    return out;
}

static int valid(const Tokens *t)
{
    Py_ssize_t sum = 0;
    for (Py_ssize_t d = 0; d < t->documents; d++) sum += t->count[d];
    if (sum != t->tokens) return 0;
    for (Py_ssize_t i = 0; i < t->tokens; i++)
        if ((Py_ssize_t)t->term[i] >= t->terms) return 0;
    for (Py_ssize_t r = 0; r < t->terms; r++)
        if ((Py_ssize_t)t->rank[r] >= t->terms) return 0;
    return 1;
}

PyObject *kernel_group(PyObject *self, PyObject *args)
{
    static const char *names[5] = {"terms", "ranks", "documents", "counts", "positions"};
    PyObject *objects[5], *result = NULL, *out[4] = {NULL};
    if (!PyArg_ParseTuple(args, "OOOOO", &objects[0], &objects[1], &objects[2], &objects[3], &objects[4]))
        return NULL;
    Flat flats[5] = {{{0}}};
    int positional = objects[4] != Py_None, status = 0;
    for (int i = 0; i < 4 + positional && !status; i++) status = flat_take(objects[i], 4, names[i], &flats[i]);
    Tokens t = {flats[0].length, flats[1].length, flats[2].length, flats[0].view.buf, flats[1].view.buf,
                flats[2].view.buf, flats[3].view.buf, flats[4].view.buf, NULL, NULL, NULL, NULL};
    if (!status && (flats[3].length != t.documents || (positional && flats[4].length != t.tokens) || !valid(&t)))
        status = refuse("tokens, terms and documents do not fit together");
    for (int i = 0; i < 3 + positional && !status; i++) {
        out[i] = PyBytes_FromStringAndSize(NULL, i ? t.tokens * 4 : (t.terms + 1) * 8);
        status = out[i] ? 0 : -1;
    }
    if (!status) {
        int64_t postings = 0;
        t.starts = (int64_t *)PyBytes_AS_STRING(out[0]);
        t.docs = (uint32_t *)PyBytes_AS_STRING(out[1]);
        t.freqs = (uint32_t *)PyBytes_AS_STRING(out[2]);
        if (positional) t.positions = (uint32_t *)PyBytes_AS_STRING(out[3]);
        else out[3] = Py_NewRef(Py_None);
        Py_BEGIN_ALLOW_THREADS
        status = scatter(&t);
        if (!status) postings = compress(&t);
        Py_END_ALLOW_THREADS
        if (status) PyErr_NoMemory();
        else if (!_PyBytes_Resize(&out[1], postings * 4) && !_PyBytes_Resize(&out[2], postings * 4))
            result = PyTuple_Pack(4, out[0], out[1], out[2], out[3]);
    }
    for (int i = 0; i < 4; i++) Py_XDECREF(out[i]);
    flat_release(flats, 5);
    return result;
}

/* ---- merge_terms -------------------------------------------------------------------------------- */

typedef struct {
    Flat blob, offsets;
    int64_t count, at;
    PyObject *ranks;
    uint32_t *rank;
} Source;

typedef struct { const char *text; int64_t length; } Term;

/* Takes terms; -1 with an exception set. What is in them is verified when it is asked for. */
static int take_terms(PyObject *blob, PyObject *offsets, Source *s)
{
    if (flat_take(blob, 1, "terms", &s->blob) < 0 || flat_take(offsets, 0, "offsets", &s->offsets) < 0) return -1;
    s->count = s->offsets.length - 1;
    return s->count < 0 ? damaged("an offset") : 0;
}

/* The term at the place, of terms that were verified; without text where it cannot be. */
static inline Term term_of(const Source *s, int64_t at)
{
    uint64_t start = flat_at(&s->offsets, at), end = flat_at(&s->offsets, at + 1);
    if (start > end || end > (uint64_t)s->blob.length) return (Term){NULL, 0};
    return (Term){(const char *)s->blob.view.buf + start, (int64_t)(end - start)};
}

static int compare_terms(Term a, Term b)
{
    int order = memcmp(a.text, b.text, (size_t)(a.length < b.length ? a.length : b.length));
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Unites the sources' terms; the number of different ones, -1 where they do not ascend. */
static int64_t unite(Source *sources, Py_ssize_t n, char *blob, int64_t *offsets)
{
    Term last = {NULL, 0};
    for (int64_t count = 0;; count++) {
        Term least = {NULL, 0};
        for (Py_ssize_t i = 0; i < n; i++) {
            if (sources[i].at == sources[i].count) continue;
            Term term = term_of(&sources[i], sources[i].at);
            if (!term.text) return -1;
            if (!least.text || compare_terms(term, least) < 0) least = term;
        }
        offsets[count] = last.text ? last.text - blob + last.length : 0;
        if (!least.text) return count;
        if (count && compare_terms(last, least) >= 0) return -1;
        for (Py_ssize_t i = 0; i < n; i++) {
            Source *s = &sources[i];
            if (s->at < s->count && !compare_terms(term_of(s, s->at), least)) s->rank[s->at++] = (uint32_t)count;
        }
        last = (Term){memcpy(blob + offsets[count], least.text, (size_t)least.length), least.length};
    }
}

static int take_source(PyObject *item, Source *s)
{
    PyObject *blob, *offsets;
    if (!PyArg_ParseTuple(item, "OO", &blob, &offsets) || take_terms(blob, offsets, s) < 0) return -1;
    if (flat_verify(&s->blob, 0, s->blob.length) < 0 || flat_verify(&s->offsets, 0, s->offsets.length) < 0) return -1;
    s->ranks = PyBytes_FromStringAndSize(NULL, s->count * 4);
    if (s->ranks) s->rank = (uint32_t *)PyBytes_AS_STRING(s->ranks);
    return s->ranks ? 0 : -1;
}

PyObject *kernel_merge_terms(PyObject *self, PyObject *given)
{
    PyObject *result = NULL, *blob = NULL, *offsets = NULL, *ranks = NULL, *items = PySequence_Tuple(given);
    if (!items) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(items), terms = 0, size = 0;
    Source *sources = calloc((size_t)n + 1, sizeof(Source));
    int status = sources ? 0 : no_memory();
    for (Py_ssize_t i = 0; i < n && !status; i++) {
        status = take_source(PyTuple_GET_ITEM(items, i), &sources[i]);
        terms += sources[i].count;
        size += sources[i].blob.length;
    }
    if (!status && terms > UINT32_MAX) status = refuse("there are at most 2**32 terms");
    if (!status) {
        blob = PyBytes_FromStringAndSize(NULL, size);
        offsets = PyBytes_FromStringAndSize(NULL, (terms + 1) * 8);
        ranks = PyList_New(n);
    }
    if (blob && offsets && ranks) {
        int64_t count, *ends = (int64_t *)PyBytes_AS_STRING(offsets);
        Py_BEGIN_ALLOW_THREADS
        count = unite(sources, n, PyBytes_AS_STRING(blob), ends);
        Py_END_ALLOW_THREADS
        for (Py_ssize_t i = 0; i < n; i++) PyList_SET_ITEM(ranks, i, Py_NewRef(sources[i].ranks));
        if (count < 0) damaged("a list of terms");
        else if (!_PyBytes_Resize(&blob, ends[count]) && !_PyBytes_Resize(&offsets, (count + 1) * 8))
            result = PyTuple_Pack(3, blob, offsets, ranks);
    }
    for (Py_ssize_t i = 0; sources && i < n; i++) {
        flat_release(&sources[i].blob, 1);
        flat_release(&sources[i].offsets, 1);
        Py_XDECREF(sources[i].ranks);
    }
    free(sources);
    Py_XDECREF(blob);
    Py_XDECREF(offsets);
    Py_XDECREF(ranks);
    Py_DECREF(items);
    return result;
}

/* ---- find_spans ---------------------------------------------------------------------------------- */

typedef struct { Term term; int64_t low, high; } Sought;

/* How a term compares with another, in `order`; -1 with an exception set where there is none that could be. */
static int compare_with(const Source *s, int64_t at, Term other, int *order)
{
    if (flat_verify(&s->offsets, at, at + 2) < 0) return -1;
    Term here = term_of(s, at);
    if (!here.text) return damaged("an offset");
    int64_t start = here.text - (const char *)s->blob.view.buf;
    if (flat_verify(&s->blob, start, start + here.length) < 0) return -1;
    *order = compare_terms(here, other);
    return 0;
}

/* Halves the range of each term that is sought, all in turn: what one waits for from memory is fetched while the
 * others are compared. Whether any range is left; -1 with an exception set. */
static int halve_all(const Source *s, Sought *sought, Py_ssize_t count)
{
    int left = 0, order;
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t middle = sought[i].low + (sought[i].high - sought[i].low) / 2;
        __builtin_prefetch((const char *)s->offsets.view.buf + middle * s->offsets.view.itemsize);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t middle = sought[i].low + (sought[i].high - sought[i].low) / 2;
        uint64_t start = flat_at(&s->offsets, middle);
        if (start < (uint64_t)s->blob.length) __builtin_prefetch((const char *)s->blob.view.buf + start);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Sought *one = &sought[i];
        if (one->low >= one->high) continue;
        int64_t middle = one->low + (one->high - one->low) / 2;
        if (compare_with(s, middle, one->term, &order) < 0) return -1;
        if (order < 0) one->low = middle + 1;
        else one->high = middle;
        left |= one->low < one->high;
    }
    return left;
}

/* The postings of a term whose place was found, as a pair; NULL with an exception set. */
static PyObject *span_of(const Source *s, const Flat *spans, const Sought *one)
{
    int order = 1;
    if (one->low < s->count && compare_with(s, one->low, one->term, &order) < 0) return NULL;
    if (order) return Py_BuildValue("ii", 0, 0);
    if (flat_verify(spans, one->low, one->low + 2) < 0) return NULL;
    uint64_t start = flat_at(spans, one->low), end = flat_at(spans, one->low + 1);
    if (start <= end && end <= INT64_MAX) return Py_BuildValue("LL", (long long)start, (long long)end);
    damaged("an offset");
    return NULL;
}

/* The terms to be sought, a tuple of bytes; NULL with an exception set. */
static Sought *take_sought(PyObject *terms, int64_t count)
{
    Sought *sought = PyMem_Calloc((size_t)PyTuple_GET_SIZE(terms) + 1, sizeof(Sought));
    if (!sought) PyErr_NoMemory();
    for (Py_ssize_t i = 0; sought && i < PyTuple_GET_SIZE(terms); i++) {
        PyObject *term = PyTuple_GET_ITEM(terms, i);
        if (!PyBytes_Check(term)) {
            PyErr_SetString(PyExc_TypeError, "terms are bytes");
            PyMem_Free(sought);
            return NULL;
        }
        sought[i] = (Sought){{PyBytes_AS_STRING(term), PyBytes_GET_SIZE(term)}, 0, count};
    }
    return sought;
}

PyObject *kernel_find_spans(PyObject *self, PyObject *args)
{
    PyObject *blob, *offsets, *starts, *given, *result = NULL;
    if (!PyArg_ParseTuple(args, "OOOO", &blob, &offsets, &starts, &given)) return NULL;
    Source s = {{{0}}};
    Flat spans = {{0}};
    PyObject *terms = PySequence_Tuple(given);
    Py_ssize_t count = terms ? PyTuple_GET_SIZE(terms) : 0;
    Sought *sought = NULL;
    int left = terms && flat_take(starts, 0, "starts", &spans) == 0 && take_terms(blob, offsets, &s) == 0 ? 1 : -1;
    if (left > 0 && !(sought = take_sought(terms, s.count))) left = -1;
    while (left > 0) left = s.count ? halve_all(&s, sought, count) : 0;
    if (!left) result = PyList_New(count);
    for (Py_ssize_t i = 0; result && i < count; i++) {
        PyObject *span = span_of(&s, &spans, &sought[i]);
        if (span) PyList_SET_ITEM(result, i, span);
        else Py_CLEAR(result);
    }
    PyMem_Free(sought);
    Py_XDECREF(terms);
    flat_release(&spans, 1);
    flat_release(&s.blob, 1);
    flat_release(&s.offsets, 1);
    return result;
}
