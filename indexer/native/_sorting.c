/* Sorting tokens into postings, uniting sorted terms, and looking up: see
 * indexer/codec/vectorized.py (group, merge_terms, find_span) for what each gives.
 */
#include "_kernel.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int kernel_take32(PyObject *object, Py_buffer *view)
{
    if (PyObject_GetBuffer(object, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
    if (view->itemsize == 4) return 0;
    PyErr_SetString(PyExc_TypeError, "items of 4 bytes are needed");
    PyBuffer_Release(view);
    view->obj = NULL;
    return -1;
}

static inline int64_t load(const Py_buffer *view, Py_ssize_t i)
{
    return view->itemsize == 4 ? (int64_t)((const uint32_t *)view->buf)[i] : ((const int64_t *)view->buf)[i];
}

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
    PyObject *objects[5], *result = NULL, *out[4] = {NULL};
    if (!PyArg_ParseTuple(args, "OOOOO", &objects[0], &objects[1], &objects[2], &objects[3], &objects[4]))
        return NULL;
    Py_buffer views[5] = {{0}};
    int positional = objects[4] != Py_None, status = 0;
    for (int i = 0; i < 4 + positional && !status; i++) status = kernel_take32(objects[i], &views[i]);
    Tokens t = {views[0].len / 4, views[1].len / 4, views[2].len / 4, views[0].buf, views[1].buf,
                views[2].buf, views[3].buf, views[4].buf, NULL, NULL, NULL, NULL};
    if (!status && (views[3].len != views[2].len || (positional && views[4].len != views[0].len) || !valid(&t))) {
        PyErr_SetString(PyExc_ValueError, "tokens, terms and documents do not fit together");
        status = -1;
    }
    if (!status) {
        out[0] = PyBytes_FromStringAndSize(NULL, (t.terms + 1) * 8);
        out[1] = PyBytes_FromStringAndSize(NULL, t.tokens * 4);
        out[2] = PyBytes_FromStringAndSize(NULL, t.tokens * 4);
        out[3] = positional ? PyBytes_FromStringAndSize(NULL, t.tokens * 4) : Py_NewRef(Py_None);
        if (out[0] && out[1] && out[2] && out[3]) {
            int64_t postings = 0;
            t.starts = (int64_t *)PyBytes_AS_STRING(out[0]);
            t.docs = (uint32_t *)PyBytes_AS_STRING(out[1]);
            t.freqs = (uint32_t *)PyBytes_AS_STRING(out[2]);
            if (positional) t.positions = (uint32_t *)PyBytes_AS_STRING(out[3]);
            Py_BEGIN_ALLOW_THREADS
            status = scatter(&t);
            if (!status) postings = compress(&t);
            Py_END_ALLOW_THREADS
            if (status) PyErr_NoMemory();
            else if (!_PyBytes_Resize(&out[1], postings * 4) && !_PyBytes_Resize(&out[2], postings * 4))
                result = PyTuple_Pack(4, out[0], out[1], out[2], out[3]);
        }
    }
    for (int i = 0; i < 4; i++) Py_XDECREF(out[i]);
    for (int i = 0; i < 5; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    return result;
}

/* ---- merge_terms -------------------------------------------------------------------------------- */

typedef struct {
    Py_buffer blob, offsets;
    Py_ssize_t count, at;
    PyObject *ranks;
    uint32_t *rank;
} Source;

static inline const char *term_of(const Source *s, Py_ssize_t *length)
{
    int64_t start = load(&s->offsets, s->at);
    *length = (Py_ssize_t)(load(&s->offsets, s->at + 1) - start);
    return (const char *)s->blob.buf + start;
}

static int compare_terms(const char *a, Py_ssize_t an, const char *b, Py_ssize_t bn)
{
    int order = memcmp(a, b, (size_t)(an < bn ? an : bn));
    return order ? order : (an > bn) - (an < bn);
}

/* Unites the sources' terms; the number of different ones. */
static int64_t unite(Source *sources, Py_ssize_t n, char *blob, int64_t *offsets)
{
    int64_t count = 0, size = 0;
    offsets[0] = 0;
    for (;;) {
        const char *least = NULL;
        Py_ssize_t length = 0, size_here;
        for (Py_ssize_t i = 0; i < n; i++) {
            if (sources[i].at == sources[i].count) continue;
            const char *term = term_of(&sources[i], &size_here);
            if (!least || compare_terms(term, size_here, least, length) < 0) {
                least = term;
                length = size_here;
            }
        }
        if (!least) return count;
        for (Py_ssize_t i = 0; i < n; i++) {
            Source *s = &sources[i];
            if (s->at == s->count) continue;
            const char *term = term_of(s, &size_here);
            if (size_here == length && !memcmp(term, least, (size_t)length)) s->rank[s->at++] = (uint32_t)count;
        }
        memcpy(blob + size, least, (size_t)length);
        size += length;
        offsets[++count] = size;
    }
}

static int take_source(PyObject *item, Source *s)
{
    PyObject *blob, *offsets;
    if (!PyArg_ParseTuple(item, "OO", &blob, &offsets)) return -1;
    if (PyObject_GetBuffer(blob, &s->blob, PyBUF_C_CONTIGUOUS) < 0) return -1;
    if (PyObject_GetBuffer(offsets, &s->offsets, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
    s->count = s->offsets.len / s->offsets.itemsize - 1;
    if (s->count < 0 || (s->offsets.itemsize != 4 && s->offsets.itemsize != 8)
        || load(&s->offsets, s->count) > s->blob.len) {
        PyErr_SetString(PyExc_ValueError, "offsets do not fit their terms");
        return -1;
    }
    s->ranks = PyBytes_FromStringAndSize(NULL, s->count * 4);
    if (!s->ranks) return -1;
    s->rank = (uint32_t *)PyBytes_AS_STRING(s->ranks);
    return 0;
}

PyObject *kernel_merge_terms(PyObject *self, PyObject *args)
{
    PyObject *given, *result = NULL, *blob = NULL, *offsets = NULL, *ranks = NULL;
    if (!PyArg_ParseTuple(args, "O", &given)) return NULL;
    PyObject *items = PySequence_Fast(given, "sources must be a sequence");
    if (!items) return NULL;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items), terms = 0, size = 0;
    Source *sources = calloc((size_t)n + 1, sizeof(Source));
    int status = sources ? 0 : -1;
    if (status) PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n && !status; i++) {
        status = take_source(PySequence_Fast_GET_ITEM(items, i), &sources[i]);
        terms += sources[i].count;
        size += sources[i].blob.len;
    }
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
        int64_t used = ends[count];
        for (Py_ssize_t i = 0; i < n; i++) PyList_SET_ITEM(ranks, i, Py_NewRef(sources[i].ranks));
        if (!_PyBytes_Resize(&blob, used) && !_PyBytes_Resize(&offsets, (count + 1) * 8))
            result = PyTuple_Pack(3, blob, offsets, ranks);
    }
    for (Py_ssize_t i = 0; sources && i < n; i++) {
        if (sources[i].blob.obj) PyBuffer_Release(&sources[i].blob);
        if (sources[i].offsets.obj) PyBuffer_Release(&sources[i].offsets);
        Py_XDECREF(sources[i].ranks);
    }
    free(sources);
    Py_XDECREF(blob);
    Py_XDECREF(offsets);
    Py_XDECREF(ranks);
    Py_DECREF(items);
    return result;
}

/* ---- find_span ----------------------------------------------------------------------------------- */

PyObject *kernel_find_span(PyObject *self, PyObject *args)
{
    PyObject *blob, *offsets, *starts, *result = NULL;
    const char *term;
    Py_ssize_t length, size;
    if (!PyArg_ParseTuple(args, "OOOy#", &blob, &offsets, &starts, &term, &length)) return NULL;
    Source s;
    Py_buffer spans = {0};
    memset(&s, 0, sizeof s);
    if (PyObject_GetBuffer(starts, &spans, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) goto done;
    if (PyObject_GetBuffer(blob, &s.blob, PyBUF_C_CONTIGUOUS) < 0) goto done;
    if (PyObject_GetBuffer(offsets, &s.offsets, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) goto done;
    s.count = s.offsets.len / s.offsets.itemsize - 1;
    if (spans.len / spans.itemsize < s.count + 1 || load(&s.offsets, s.count) > s.blob.len) {
        PyErr_SetString(PyExc_ValueError, "offsets do not fit their terms");
        goto done;
    }
    Py_ssize_t low = 0, high = s.count;
    while (low < high) {
        s.at = low + (high - low) / 2;
        const char *here = term_of(&s, &size);
        if (compare_terms(here, size, term, length) < 0) low = s.at + 1;
        else high = s.at;
    }
    int64_t start = 0, end = 0;
    if (low < s.count) {
        s.at = low;
        const char *here = term_of(&s, &size);
        if (size == length && !memcmp(here, term, (size_t)size)) {
            start = load(&spans, low);
            end = load(&spans, low + 1);
        }
    }
    result = Py_BuildValue("LL", (long long)start, (long long)end);
done:
    if (spans.obj) PyBuffer_Release(&spans);
    if (s.blob.obj) PyBuffer_Release(&s.blob);
    if (s.offsets.obj) PyBuffer_Release(&s.offsets);
    return result;
}
