/* What is asked of postings, and how a posting is read: what the parts that search share (_postings.c, _union.c,
 * _candidates.c, _positions.c). What they are to find: indexer/engine/embedded/kernel/vectorized.py. */
#include "_kernel.h"
#include <math.h>

#define BLOCK 128
#define WINDOW 8192
#define FEW 16
#define DOC_BITS 24             /* indexer/engine/embedded/arrays/packing.py */
#define DOC_MASK 0xFFFFFFu
#define MOST 255
#define NEAR 255                /* indexer/engine/embedded/arrays/places.py */
#define HIGHEST ((int64_t)1 << 60)
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
    int64_t group, choice;      /* of a group from 1 the best choice counts; 0: none; below, it decides */
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

typedef struct { int64_t units; uint32_t doc, rank; } Hit;

/* The best documents so far. */
typedef struct {
    Hit *heap;                  /* the worst first; as many as wanted, those that are none yet worse than any */
    int64_t count, limit, floor;    /* floor: what a score must exceed */
    const uint32_t *ranks;      /* the order of documents with equal scores */
} Best;

/* The scores of the documents of a window, and which these are. */
typedef struct { int64_t sums[WINDOW]; uint64_t bits[WINDOW / 64]; } Window;

int take_query(PyObject *fields, PyObject *terms, PyObject *lists, Query *query);
int take_positional(PyObject *field, PyObject *terms, Query *query);
int take_mask(PyObject *object, Query *query);
int take_ranks(PyObject *object, Query *query);
int take_steps(PyObject *pairs, Py_ssize_t count, const char *why, Query *query);
PyObject *answer(Query *query, int64_t most, int64_t (*work)(Query *));
int64_t listed_from(const Flat *list, int64_t from, int64_t index);
uint64_t look_up(Field *field, const Flat *list, int64_t index);
int64_t bound_of(const Cursor *c);
int64_t enter_window(Query *query, uint32_t *width);
int is_whole(const Cursor *c, uint32_t base, uint32_t width);
int compare_hits(const void *a, const void *b);
void offer(Best *best, int64_t units, uint32_t doc);

static inline int64_t blocks_of(int64_t postings) { return (postings + BLOCK - 1) / BLOCK; }

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
