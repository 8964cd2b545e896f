/* Where the words of a text end: see indexer/segment.py, whose `_mapped` it equals, and indexer/dictionary.py.
 *
 * The arrays of the dictionary are read where they are mapped; a table of what the first characters lead to
 * is all that is made of them.
 */

#include "_ranges.h"
#include <stdlib.h>

#define NAME "indexer.native._segmenter.words"
#define ARRAYS 4
#define ROOM 1024               /* characters of a text for which the stack does */
#define NODE_BITS 22

typedef struct {
    Py_buffer views[ARRAYS];    /* first, codes, rank: 32 bits; weights: double */
    const uint32_t *first, *codes, *rank;
    const double *weights;
    PyObject *blocks;           /* first and last characters of the ranges that words are made of, in turn */
    double unknown;             /* the weight of a character that is no word */
    uint32_t *roots;            /* the node of each first character; 0 for none */
    uint32_t beyond;            /* the least code point that is none */
    uint64_t *pairs;            /* the node that two characters lead to, behind these; NULL where it is searched for */
    uint64_t mask;              /* slots of `pairs`, less one */
} Words;

static void free_words(Words *words)
{
    for (int i = 0; i < ARRAYS; i++)
        if (words->views[i].obj) PyBuffer_Release(&words->views[i]);
    Py_XDECREF(words->blocks);
    free(words->roots);
    free(words->pairs);
    free(words);
}

static void free_capsule(PyObject *capsule)
{
    free_words(PyCapsule_GetPointer(capsule, NAME));
}

static int take(PyObject *object, Py_ssize_t itemsize, Py_buffer *view)
{
    if (PyObject_GetBuffer(object, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
    if (view->itemsize == itemsize && (!view->len || !((uintptr_t)view->buf % (size_t)itemsize))) return 0;
    PyErr_SetString(PyExc_TypeError, "first, codes and rank have items of 4 bytes, weights of 8");
    return -1;
}

/* Whether every node and every rank is one that exists. */
static int valid(const Words *words, Py_ssize_t nodes, Py_ssize_t edges, Py_ssize_t weights)
{
    if (nodes < 1 || words->views[0].len / 4 != nodes + 1 || edges != nodes - 1) return 0;
    for (Py_ssize_t i = 0; i < nodes; i++)
        if (words->first[i] > words->first[i + 1] || (Py_ssize_t)words->rank[i] >= weights) return 0;
    return (Py_ssize_t)words->first[nodes] <= edges;
}

/* The first characters are the children of node 0, in order. */
static int make_roots(Words *words)
{
    uint32_t from = words->first[0], to = words->first[1];
    for (uint32_t edge = from; edge < to; edge++) {
        if (words->codes[edge] >= 0x110000) {
            PyErr_SetString(PyExc_ValueError, "the arrays are of no dictionary");
            return -1;
        }
        if (words->codes[edge] >= words->beyond) words->beyond = words->codes[edge] + 1;
    }
    words->roots = calloc((size_t)words->beyond + 1, sizeof *words->roots);
    if (!words->roots) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t edge = from; edge < to; edge++) words->roots[words->codes[edge]] = edge + 1;
    return 0;
}

static inline uint64_t pair_of(Py_UCS4 code, Py_UCS4 next)
{
    return (uint64_t)code << 21 | next;
}

/* Where to look for a pair first. */
static inline uint32_t slot_of(const Words *words, uint64_t pair)
{
    return (uint32_t)(pair * 0x9E3779B97F4A7C15u >> 40 & words->mask);
}

/* What two characters lead to: 4 MB and some 4 ms, with which many texts take a fifth to two fifths less time. */
static int make_pairs(Words *words, Py_ssize_t nodes)
{
    uint32_t from = words->first[0], to = words->first[1], count = 0;
    size_t slots = 1024;
    if (nodes >> NODE_BITS) return 0;
    for (uint32_t edge = from; edge < to; edge++) count += words->first[edge + 2] - words->first[edge + 1];
    while (slots < count + count / 2) slots *= 2;
    words->pairs = calloc(slots, sizeof *words->pairs);
    if (!words->pairs) {
        PyErr_NoMemory();
        return -1;
    }
    words->mask = slots - 1;
    for (uint32_t edge = from; edge < to; edge++)
        for (uint32_t next = words->first[edge + 1]; next < words->first[edge + 2]; next++) {
            uint64_t pair = pair_of(words->codes[edge], words->codes[next]);
            uint32_t slot = slot_of(words, pair);
            while (words->pairs[slot]) slot = (slot + 1) & (uint32_t)words->mask;
            words->pairs[slot] = pair << NODE_BITS | (next + 1);
        }
    return 0;
}

/* load(first, codes, rank, weights, unknown, blocks, bulk): the dictionary as `ends` takes it, of many texts. */
static PyObject *load(PyObject *self, PyObject *args)
{
    PyObject *objects[ARRAYS], *blocks, *capsule = NULL;
    double unknown;
    int bulk;
    if (!PyArg_ParseTuple(args, "OOOOdUp", &objects[0], &objects[1], &objects[2], &objects[3], &unknown, &blocks,
                          &bulk))
        return NULL;
    Words *words = calloc(1, sizeof *words);
    if (!words) return PyErr_NoMemory();
    words->blocks = Py_NewRef(blocks);
    words->unknown = unknown;
    int status = 0;
    for (int i = 0; i < ARRAYS && !status; i++) status = take(objects[i], i < 3 ? 4 : 8, &words->views[i]);
    if (!status) {
        words->first = words->views[0].buf;
        words->codes = words->views[1].buf;
        words->rank = words->views[2].buf;
        words->weights = words->views[3].buf;
        if (!valid(words, words->views[2].len / 4, words->views[1].len / 4, words->views[3].len / 8)) {
            PyErr_SetString(PyExc_ValueError, "the arrays are of no dictionary");
            status = -1;
        }
    }
    if (!status) status = make_roots(words);
    if (!status && bulk) status = make_pairs(words, words->views[2].len / 4);
    if (!status) capsule = PyCapsule_New(words, NAME, free_capsule);
    if (!capsule) free_words(words);
    return capsule;
}

/* The node that the edge `code` of a node leads to; 0 where there is none. Each step is one without a branch. */
static inline uint32_t child(const Words *words, uint32_t node, Py_UCS4 code)
{
    const uint32_t *codes = words->codes + words->first[node];
    uint32_t count = words->first[node + 1] - words->first[node], at = 0;
    if (!count) return 0;
    while (count > 1) {
        uint32_t half = count / 2;
        at += codes[at + half] <= code ? half : 0;
        count -= half;
    }
    return codes[at] == code ? words->first[node] + at + 1 : 0;
}

/* The node that a pair leads to, looked for from a slot on; 0 where there is none. */
static inline uint32_t looked_up(const Words *words, uint64_t pair, uint32_t slot)
{
    for (uint64_t found; (found = words->pairs[slot]); slot = (slot + 1) & (uint32_t)words->mask)
        if (found >> NODE_BITS == pair) return (uint32_t)(found & ((1u << NODE_BITS) - 1));
    return 0;
}

/* For each place but the last the node that its character and the next one lead to; 0 where there is none.
 *
 * Most of the time would be spent waiting for memory: what is looked at is asked for before.
 */
static void find_pairs(const Words *words, int kind, const void *text, Py_ssize_t length, uint32_t *nodes)
{
    for (Py_ssize_t at = 0; at + 1 < length; at++) {
        uint64_t pair = pair_of(PyUnicode_READ(kind, text, at), PyUnicode_READ(kind, text, at + 1));
        nodes[at] = slot_of(words, pair);
        __builtin_prefetch(&words->pairs[nodes[at]]);
    }
    for (Py_ssize_t at = 0; at + 1 < length; at++) {
        uint64_t pair = pair_of(PyUnicode_READ(kind, text, at), PyUnicode_READ(kind, text, at + 1));
        nodes[at] = looked_up(words, pair, nodes[at]);
        __builtin_prefetch(&words->rank[nodes[at]]);
        __builtin_prefetch(&words->first[nodes[at]]);
    }
}

/* For each place, where the word ends that the best path has from there on; 0 outside of blocks. */
static void find_path(const Words *words, int kind, const void *text, Py_ssize_t length, double *scores, uint32_t *ends)
{
    Ranges blocks = ranges_of(words->blocks);
    Py_ssize_t stop = length;
    scores[length] = 0.0;
    if (words->pairs) find_pairs(words, kind, text, length, ends);
    for (Py_ssize_t start = length - 1; start >= 0; start--) {
        Py_UCS4 code = PyUnicode_READ(kind, text, start);
        if (!is_in(&blocks, code)) {
            stop = start;
            scores[start] = 0.0;
            ends[start] = 0;
            continue;
        }
        double best = 0.0;
        Py_ssize_t best_end = 0, end = start + 1;
        uint32_t node = code < words->beyond ? words->roots[code] : 0;
        while (node) {
            uint32_t rank = words->rank[node];
            if (rank) {
                double score = words->weights[rank] + scores[end];
                if (!best_end || score >= best) {
                    best = score;
                    best_end = end;
                }
            }
            if (end >= stop) break;
            int known = words->pairs && end == start + 1;
            node = known ? ends[start] : child(words, node, PyUnicode_READ(kind, text, end));
            end++;
        }
        scores[start] = best_end ? best : words->unknown + scores[start + 1];
        ends[start] = (uint32_t)(best_end ? best_end : start + 1);
    }
}

static inline int is_latin(Py_UCS4 c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Follows the path; letters and digits that are in no word stay together. The number of words. */
static Py_ssize_t follow(int kind, const void *text, Py_ssize_t length, const uint32_t *ends, uint32_t *out)
{
    Py_ssize_t count = 0, at = 0;
    while (at < length) {
        Py_ssize_t end = ends[at];
        if (!end) {
            int line_end = PyUnicode_READ(kind, text, at) == '\r' && at + 1 < length
                           && PyUnicode_READ(kind, text, at + 1) == '\n';
            end = at + 1 + line_end;
        } else {
            Py_ssize_t latin = at;
            while (latin < length && ends[latin] == latin + 1 && is_latin(PyUnicode_READ(kind, text, latin))) latin++;
            if (latin > at) end = latin;
        }
        out[count++] = (uint32_t)end;
        at = end;
    }
    return count;
}

/* ends(words, text): where the words of a folded text end, in order, as 32-bit numbers. */
static PyObject *ends(PyObject *self, PyObject *args)
{
    PyObject *capsule, *text, *result = NULL;
    if (!PyArg_ParseTuple(args, "OU", &capsule, &text)) return NULL;
    Words *words = PyCapsule_GetPointer(capsule, NAME);
    if (!words) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length >= (Py_ssize_t)UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "a text has less than 2**32 characters");
        return NULL;
    }
    double scores_here[ROOM + 1], *scores = scores_here;
    uint32_t path_here[2 * ROOM], *path = path_here;
    if (length > ROOM) {
        scores = malloc(((size_t)length + 1) * sizeof *scores);
        path = malloc((size_t)length * 2 * sizeof *path);
    }
    if (scores && path) {
        int kind = PyUnicode_KIND(text);
        const void *data = PyUnicode_DATA(text);
        find_path(words, kind, data, length, scores, path);
        Py_ssize_t count = follow(kind, data, length, path, path + length);
        result = PyBytes_FromStringAndSize((const char *)(path + length), count * (Py_ssize_t)sizeof *path);
    } else {
        PyErr_NoMemory();
    }
    if (length > ROOM) {
        free(scores);
        free(path);
    }
    return result;
}

static PyMethodDef METHODS[] = {
    {"load", load, METH_VARARGS, "A dictionary's arrays as `ends` takes them."},
    {"ends", ends, METH_VARARGS, "Where the words of a text end."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_segmenter", NULL, -1, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__segmenter(void)
{
    return PyModule_Create(&MODULE);
}
