/* Numbering terms: see intern, intern_slices, intern_units and order_terms in indexer/engine/embedded/kernel/sorting.py.
 *
 * A term of one to three characters is a key of 64 bits, in the order of the terms, and no string is made of
 * it; of a longer one UTF-8 is kept, all of them one behind the other. Slots of keys are far apart in memory: those
 * of a handful of terms are asked for before the first is needed.
 */
#include "_kernel.h"

#define NAME "indexer.native._kernel.table"
#define SHORT 3                 /* characters of a key, */
#define BITS 21                 /* each of so many bits, 0 for none */
#define MASK 0x1FFFFFull
#define AHEAD 64
#define DROPPED UINT32_MAX
#define LENGTH 4                /* bytes of the length before a longer term */

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

typedef struct {
    uint64_t key;               /* 0: free */
    uint32_t number;            /* DROPPED: no term */
} Slot;

typedef struct {
    uint64_t place;             /* where its length stands in the text, plus one; 0: free */
    uint32_t hash, number;      /* the number as in a slot of a key */
} Long;

typedef struct {
    Slot *slots;
    size_t room, used;          /* room is 2 to the power of 64 - shift */
    int shift;
    uint32_t next;              /* the number of the next new term */
    Long *longs;                /* the longer terms */
    size_t long_room, long_used;
    char *text;                 /* of each of them the length in bytes, and UTF-8 */
    size_t text_room, text_used;
} Table;

/* Numbers that become more. */
typedef struct { uint32_t *at; size_t count, room; } Numbers;

static void free_table(PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    free(table->slots);
    free(table->longs);
    free(table->text);
    free(table);
}

PyObject *kernel_term_table(PyObject *self, PyObject *args)
{
    Table *table = calloc(1, sizeof(Table));
    PyObject *capsule = table ? PyCapsule_New(table, NAME, free_table) : PyErr_NoMemory();
    if (!capsule) {
        free(table);
        return NULL;
    }
    table->room = table->long_room = 1 << 10;
    table->shift = 64 - 10;
    table->slots = calloc(table->room, sizeof(Slot));
    table->longs = calloc(table->long_room, sizeof(Long));
    if (!table->slots || !table->longs) {
        Py_CLEAR(capsule);
        PyErr_NoMemory();
    }
    return capsule;
}

PyObject *kernel_table_bytes(PyObject *self, PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    if (!table) return NULL;
    return PyLong_FromSize_t(table->room * sizeof(Slot) + table->long_room * sizeof(Long) + table->text_room);
}

/* Makes room for so many numbers more; 0, or -1 with an error set. */
static int make_room(Numbers *numbers, size_t more)
{
    if (numbers->count + more <= numbers->room) return 0;
    size_t room = (numbers->count + more) * 2;
    uint32_t *grown = realloc(numbers->at, room * sizeof *grown);
    if (!grown) return no_memory();
    numbers->at = grown;
    numbers->room = room;
    return 0;
}

static PyObject *bytes_of(const Numbers *numbers)
{
    return PyBytes_FromStringAndSize((const char *)numbers->at, (Py_ssize_t)(numbers->count * sizeof *numbers->at));
}

static inline size_t home_of(const Table *table, uint64_t key)
{
    /* Of the product only the high bits depend on all of the key. */
    return (size_t)(key * 0x9E3779B97F4A7C15ull >> table->shift);
}

static inline Slot *slot_of(const Table *table, uint64_t key)
{
    size_t at = home_of(table, key);
    while (table->slots[at].key && table->slots[at].key != key) at = (at + 1) & (table->room - 1);
    return &table->slots[at];
}

static int put(Table *table, uint64_t key, uint32_t number)
{
    if (table->used * 5 >= table->room * 3) {
        Table grown = *table;
        grown.room *= 2;
        grown.shift--;
        grown.slots = calloc(grown.room, sizeof(Slot));
        if (!grown.slots) return no_memory();
        for (size_t i = 0; i < table->room; i++)
            if (table->slots[i].key) *slot_of(&grown, table->slots[i].key) = table->slots[i];
        free(table->slots);
        *table = grown;
    }
    *slot_of(table, key) = (Slot){key, number};
    table->used++;
    return 0;
}

/* Up to SHORT characters of a text as a key: in order like the texts, a text before what it begins. */
static inline uint64_t key_of(int kind, const void *text, Py_ssize_t at, Py_ssize_t length)
{
    uint64_t key = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        key |= ((uint64_t)PyUnicode_READ(kind, text, at + i) + 1) << BITS * (SHORT - 1 - i);
    return key;
}

/* Whether a term counts: 1, 0, or -1 for an error. */
static int is_kept(PyObject *keep, PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    if (keep == Py_None) return 1;
    PyObject *term = PyUnicode_Substring(text, from, to);
    PyObject *answer = term ? PyObject_CallOneArg(keep, term) : NULL;
    int kept = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(term);
    Py_XDECREF(answer);
    return kept;
}

/* Whether there is no number for one more term: symbols have 31 bits for it. Raises ValueError if so. */
static int is_full(const Table *table) { return table->next >> 31 ? refuse("there are at most 2**31 terms") : 0; }

/* The number of a term whose slot is free, now remembered; DROPPED where it is none; -1 for an error. */
static int64_t number_key(Table *table, uint64_t key, int kept)
{
    uint32_t number = kept ? table->next : DROPPED;
    if (kept < 0 || is_full(table) || put(table, key, number) < 0) return -1;
    table->next += (uint32_t)kept;
    return number;
}

/* ---- longer terms -------------------------------------------------------------------------------- */

static uint32_t width_of(Py_UCS4 c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* UTF-8 of a character, a lone surrogate like any other; returns the bytes written. */
static uint32_t encode(Py_UCS4 c, char *to)
{
    unsigned char *out = (unsigned char *)to;
    uint32_t width = width_of(c);
    for (uint32_t i = width - 1; i > 0; i--, c >>= 6) out[i] = (unsigned char)(0x80 | (c & 0x3F));
    out[0] = (unsigned char)(width == 1 ? c : (0xF00 >> width & 0xFF) | c);
    return width;
}

static inline const char *long_text(const Table *table, const Long *one, uint32_t *length)
{
    const char *at = table->text + (one->place - 1);
    memcpy(length, at, LENGTH);
    return at + LENGTH;
}

static inline size_t long_home(const Long *one, size_t room)
{
    return (size_t)(one->hash * 0x9E3779B97F4A7C15ull >> 32) & (room - 1);
}

/* Writes a term behind all others, where it stays once it is counted as used; -1 with an error set. */
static int write_term(Table *table, int kind, const void *data, Py_ssize_t from, Py_ssize_t to, Long *term)
{
    size_t most = table->text_used + LENGTH + 4 * (size_t)(to - from);
    if (to - from > INT32_MAX / 4) return refuse("a term is too long");
    if (most > table->text_room) {
        char *grown = realloc(table->text, most + most / 2);
        if (!grown) return no_memory();
        table->text = grown;
        table->text_room = most + most / 2;
    }
    char *at = table->text + table->text_used + LENGTH;
    uint64_t hash = 0xCBF29CE484222325ull;
    uint32_t length = 0;
    for (; from < to; from++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, from);
        length += encode(c, at + length);
        hash = (hash ^ c) * 0x100000001B3ull;
    }
    memcpy(table->text + table->text_used, &length, LENGTH);
    *term = (Long){table->text_used + 1, (uint32_t)(hash ^ hash >> 32), DROPPED};
    return 0;
}

/* The slot of a term that was written: its own, or a free one. */
static Long *long_slot(const Table *table, const Long *term)
{
    uint32_t length, other;
    const char *text = long_text(table, term, &length);
    size_t at = long_home(term, table->long_room);
    for (;; at = (at + 1) & (table->long_room - 1)) {
        Long *one = &table->longs[at];
        if (!one->place) return one;
        if (one->hash != term->hash) continue;
        const char *own = long_text(table, one, &other);
        if (other == length && !memcmp(own, text, length)) return one;
    }
}

static int grow_longs(Table *table)
{
    Table grown = *table;
    grown.long_room *= 2;
    grown.longs = calloc(grown.long_room, sizeof(Long));
    if (!grown.longs) return no_memory();
    for (size_t i = 0; i < table->long_room; i++) {
        if (!table->longs[i].place) continue;
        size_t at = long_home(&table->longs[i], grown.long_room);
        while (grown.longs[at].place) at = (at + 1) & (grown.long_room - 1);
        grown.longs[at] = table->longs[i];
    }
    free(table->longs);
    *table = grown;
    return 0;
}

/* The number of text[from:to], which has no key; DROPPED where it is no term; -1 for an error. */
static int64_t number_long(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, PyObject *keep)
{
    int kind = PyUnicode_KIND(text), kept = 1;
    const void *data = PyUnicode_DATA(text);
    Long term;
    if (write_term(table, kind, data, from, to, &term) < 0) return -1;
    Long *slot = long_slot(table, &term);
    if (slot->place) return slot->number;
    if (keep != Py_None) {
        kept = is_kept(keep, text, from, to);
        /* What was asked is Python, and may have come here meanwhile. */
        if (kept < 0 || write_term(table, kind, data, from, to, &term) < 0) return -1;
    }
    if (is_full(table) || (table->long_used * 5 >= table->long_room * 3 && grow_longs(table) < 0)) return -1;
    slot = long_slot(table, &term);
    if (slot->place) return slot->number;
    uint32_t length;
    long_text(table, &term, &length);
    table->text_used += LENGTH + length;
    table->long_used++;
    term.number = kept ? table->next : DROPPED;
    table->next += (uint32_t)kept;
    *slot = term;
    return term.number;
}

/* The number of text[from:to], whose key is given; DROPPED where it is no term; -1 for an error. */
static int64_t number_slice(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, uint64_t key, PyObject *keep)
{
    if (!key) return number_long(table, text, from, to, keep);
    Slot *slot = slot_of(table, key);
    if (slot->key) return slot->number;
    int kept = is_kept(keep, text, from, to);
    slot = slot_of(table, key); /* what was asked is Python, and may have come here meanwhile */
    return slot->key ? slot->number : number_key(table, key, kept);
}

/* ---- intern, intern_slices ----------------------------------------------------------------------- */

PyObject *kernel_intern(PyObject *self, PyObject *args)
{
    PyObject *capsule, *sequence;
    if (!PyArg_ParseTuple(args, "OO", &capsule, &sequence)) return NULL;
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = table ? PySequence_Tuple(sequence) : NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    PyObject *result = PyBytes_FromStringAndSize(NULL, size * 4);
    for (Py_ssize_t i = 0; result && i < size; i++) {
        PyObject *term = PyTuple_GET_ITEM(items, i);
        int64_t number = -1;
        if (PyUnicode_Check(term)) {
            Py_ssize_t length = PyUnicode_GET_LENGTH(term);
            uint64_t key = length <= SHORT ? key_of(PyUnicode_KIND(term), PyUnicode_DATA(term), 0, length) : 0;
            number = number_slice(table, term, 0, length, key, Py_None);
        } else {
            PyErr_SetString(PyExc_TypeError, "a term is a text");
        }
        if (number < 0) Py_CLEAR(result);
        else ((uint32_t *)PyBytes_AS_STRING(result))[i] = (uint32_t)number;
    }
    Py_DECREF(items);
    return result;
}

typedef struct {
    PyObject *text, *keep;
    const uint32_t *ends;
    Py_ssize_t count;
} Slices;

/* Adds the numbers of the slices that are terms; -1 for an error. */
static int number_slices(Table *table, const Slices *slices, Numbers *out)
{
    int kind = PyUnicode_KIND(slices->text);
    const void *text = PyUnicode_DATA(slices->text);
    uint64_t keys[AHEAD];
    Py_ssize_t from = 0, at = 0;
    if (make_room(out, (size_t)slices->count) < 0) return -1;
    for (Py_ssize_t first = 0; first < slices->count; first += AHEAD) {
        Py_ssize_t some = slices->count - first < AHEAD ? slices->count - first : AHEAD;
        for (Py_ssize_t i = 0; i < some; i++) {
            Py_ssize_t to = slices->ends[first + i];
            keys[i] = to - at <= SHORT ? key_of(kind, text, at, to - at) : 0;
            FETCH(&table->slots[home_of(table, keys[i])]);
            at = to;
        }
        for (Py_ssize_t i = 0; i < some; i++) {
            Py_ssize_t to = slices->ends[first + i];
            int64_t number = number_slice(table, slices->text, from, to, keys[i], slices->keep);
            if (number < 0) return -1;
            if (number != DROPPED) out->at[out->count++] = (uint32_t)number;
            from = to;
        }
    }
    return 0;
}

static int ascend(const Slices *slices)
{
    uint32_t last = 0;
    for (Py_ssize_t i = 0; i < slices->count; last = slices->ends[i++])
        if (slices->ends[i] < last) return 0;
    return (Py_ssize_t)last <= PyUnicode_GET_LENGTH(slices->text);
}

/* Adds the numbers of the pieces of one text; -1 for an error. */
static int add_pieces(Table *table, PyObject *pieces, Numbers *out)
{
    PyObject *ends;
    Slices slices;
    Flat flat = {{0}};
    if (!PyArg_ParseTuple(pieces, "UOO", &slices.text, &ends, &slices.keep)) return -1;
    int status = flat_take(ends, 4, "ends", &flat);
    slices.ends = flat.view.buf;
    slices.count = flat.length;
    if (!status && !ascend(&slices)) status = refuse("ends are 32-bit numbers that ascend within their text");
    if (!status) status = number_slices(table, &slices, out);
    flat_release(&flat, 1);
    return status;
}

/* What is given of several documents, one after the other: a tuple of tuples, or of None; NULL with an error set. */
static PyObject *given_of(PyObject *args, Table **table)
{
    PyObject *capsule, *sequence;
    if (!PyArg_ParseTuple(args, "OO", &capsule, &sequence)) return NULL;
    *table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = *table ? PySequence_Tuple(sequence) : NULL;
    for (Py_ssize_t i = 0; items && i < PyTuple_GET_SIZE(items); i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        if (item != Py_None && !PyTuple_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "what is given of a document is a tuple, or None");
            Py_CLEAR(items);
        }
    }
    return items;
}

PyObject *kernel_intern_slices(PyObject *self, PyObject *args)
{
    Table *table;
    Numbers out = {0}, counts = {0};
    PyObject *items = given_of(args, &table), *result = NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    int status = make_room(&counts, (size_t)size);
    for (Py_ssize_t i = 0; i < size && !status; i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        size_t before = out.count;
        if (item != Py_None) status = add_pieces(table, item, &out);
        counts.at[counts.count++] = (uint32_t)(out.count - before);
    }
    if (!status) result = Py_BuildValue("(NN)", bytes_of(&out), bytes_of(&counts));
    free(out.at);
    free(counts.at);
    Py_DECREF(items);
    return result;
}

/* ---- intern_units ------------------------------------------------------------------------------- */

/* Adds the symbols of a run, or of a word; returns how many terms they stand for, -1 for an error. */
static Py_ssize_t add_unit(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, int run, Numbers *out)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (!run) {
        uint64_t key = to - from <= SHORT ? key_of(kind, data, from, to - from) : 0;
        int64_t number = number_slice(table, text, from, to, key, Py_None);
        if (number < 0) return -1;
        out->at[out->count++] = (uint32_t)number << 1;
        return 1;
    }
    for (Py_ssize_t at = from; at < to; at++) {
        uint64_t key = key_of(kind, data, at, 1);
        Slot *slot = slot_of(table, key);
        int64_t number = slot->key ? slot->number : number_key(table, key, 1);
        if (number < 0) return -1;
        out->at[out->count++] = (uint32_t)number << 1 | (at + 1 < to);
    }
    return 2 * (to - from) - 1;
}

/* How many positions the spans have; -1 where they are none of the text. */
static Py_ssize_t size_of(const uint32_t *spans, Py_ssize_t count, Py_ssize_t length)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = 0; i < count; i += 2) {
        Py_ssize_t from = spans[i] >> 1, to = spans[i + 1];
        if (from >= to || to > length) return -1;
        size += spans[i] & 1 ? to - from : 1;
    }
    return size;
}

/* Adds the symbols of the units of one text; returns how many terms they stand for, -1 for an error. */
static Py_ssize_t add_units(Table *table, PyObject *units, Numbers *out)
{
    PyObject *text, *spans;
    Flat flat = {{0}};
    Py_ssize_t size = -1, terms = 0;
    if (!PyArg_ParseTuple(units, "UO", &text, &spans) || flat_take(spans, 4, "spans", &flat) < 0) return -1;
    const uint32_t *span = flat.view.buf;
    if (flat.length % 2 == 0) size = size_of(span, flat.length, PyUnicode_GET_LENGTH(text));
    if (size < 0) terms = refuse("units are spans of their text");
    else if (make_room(out, (size_t)size) < 0) terms = -1;
    for (Py_ssize_t i = 0; i < flat.length && terms >= 0; i += 2) {
        Py_ssize_t added = add_unit(table, text, span[i] >> 1, span[i + 1], span[i] & 1, out);
        terms = added < 0 ? -1 : terms + added;
    }
    flat_release(&flat, 1);
    return terms;
}

PyObject *kernel_intern_units(PyObject *self, PyObject *args)
{
    Table *table;
    Numbers out = {0}, counts = {0}, sizes = {0};
    PyObject *items = given_of(args, &table), *result = NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    int status = make_room(&counts, (size_t)size) < 0 ? -1 : make_room(&sizes, (size_t)size);
    for (Py_ssize_t i = 0; i < size && !status; i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        size_t before = out.count;
        Py_ssize_t terms = item == Py_None ? 0 : add_units(table, item, &out);
        status = terms < 0 ? -1 : 0;
        counts.at[counts.count++] = (uint32_t)(out.count - before);
        sizes.at[sizes.count++] = (uint32_t)terms;
    }
    if (!status) result = Py_BuildValue("(NNN)", bytes_of(&out), bytes_of(&counts), bytes_of(&sizes));
    free(out.at);
    free(counts.at);
    free(sizes.at);
    Py_DECREF(items);
    return result;
}

/* ---- order_terms -------------------------------------------------------------------------------- */

typedef struct {
    uint64_t head;              /* the key of its beginning */
    const char *text;           /* NULL: the key says all */
    uint32_t number, length;    /* length in bytes */
} Word;

static int compare_words(const void *a, const void *b)
{
    const Word *x = a, *y = b;
    if (x->head != y->head) return x->head < y->head ? -1 : 1;
    if (!x->text || !y->text) return x->text ? 1 : -1;
    uint32_t least = x->length < y->length ? x->length : y->length;
    int found = memcmp(x->text, y->text, least);
    return found ? found : x->length < y->length ? -1 : 1;
}

static Word word_of_key(uint64_t key, uint32_t number)
{
    Word word = {key, NULL, number, 0};
    for (uint64_t rest = key; rest; rest = rest << BITS & ((1ull << BITS * SHORT) - 1))
        word.length += width_of((Py_UCS4)(rest >> BITS * (SHORT - 1)) - 1);
    return word;
}

/* The character at a place of UTF-8 that was written here; the place moves on. */
static Py_UCS4 decode(const char **at)
{
    const unsigned char *from = (const unsigned char *)*at;
    int width = from[0] < 0x80 ? 1 : from[0] < 0xE0 ? 2 : from[0] < 0xF0 ? 3 : 4;
    Py_UCS4 c = width == 1 ? from[0] : from[0] & (0x7F >> width);
    for (int i = 1; i < width; i++) c = c << 6 | (from[i] & 0x3F);
    *at += width;
    return c;
}

static Word word_of_long(const Table *table, const Long *one)
{
    Word word = {0, NULL, one->number, 0};
    word.text = long_text(table, one, &word.length);
    const char *at = word.text, *end = at + word.length;
    for (int i = SHORT - 1; i >= 0 && at < end; i--) word.head |= ((uint64_t)decode(&at) + 1) << BITS * i;
    return word;
}

/* All terms, in order; NULL with an error set. */
static Word *list_words(const Table *table)
{
    size_t count = 0;
    Word *words = malloc(((size_t)table->next + 1) * sizeof(Word));
    if (!words) no_memory();
    for (size_t i = 0; words && i < table->room; i++) {
        Slot slot = table->slots[i];
        if (slot.key && slot.number != DROPPED) words[count++] = word_of_key(slot.key, slot.number);
    }
    for (size_t i = 0; words && i < table->long_room; i++) {
        const Long *one = &table->longs[i];
        if (one->place && one->number != DROPPED) words[count++] = word_of_long(table, one);
    }
    if (words) qsort(words, count, sizeof(Word), compare_words);
    return words;
}

static char *write_word(const Word *word, char *to)
{
    if (word->text) return (char *)memcpy(to, word->text, word->length) + word->length;
    for (uint64_t rest = word->head; rest; rest = rest << BITS & ((1ull << BITS * SHORT) - 1))
        to += encode((Py_UCS4)(rest >> BITS * (SHORT - 1)) - 1, to);
    return to;
}

PyObject *kernel_order_terms(PyObject *self, PyObject *capsule)
{
    PyObject *result = NULL, *out[3] = {NULL};
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    Word *words = table ? list_words(table) : NULL;
    if (!words) return NULL;
    Py_ssize_t count = table->next, used = 0;
    for (Py_ssize_t i = 0; i < count; i++) used += words[i].length;
    out[0] = PyBytes_FromStringAndSize(NULL, count * 4);
    out[1] = PyBytes_FromStringAndSize(NULL, used);
    out[2] = PyBytes_FromStringAndSize(NULL, (count + 1) * 8);
    if (out[0] && out[1] && out[2]) {
        uint32_t *places = (uint32_t *)PyBytes_AS_STRING(out[0]);
        int64_t *offsets = (int64_t *)PyBytes_AS_STRING(out[2]);
        char *blob = PyBytes_AS_STRING(out[1]), *to = blob;
        offsets[0] = 0;
        for (Py_ssize_t i = 0; i < count; i++) {
            places[words[i].number] = (uint32_t)i;
            to = write_word(&words[i], to);
            offsets[i + 1] = to - blob;
        }
        result = PyTuple_Pack(3, out[0], out[1], out[2]);
    }
    for (int i = 0; i < 3; i++) Py_XDECREF(out[i]);
    free(words);
    return result;
}
