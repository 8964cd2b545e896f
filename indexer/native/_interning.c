/* Numbering terms: see intern, intern_slices, intern_units and order_terms in indexer/engine/embedded/kernel/sorting.py.
 *
 * A term of one to three characters is a key of 64 bits, in the order of the terms, and no string is made of
 * it; longer ones are in a dictionary. Slots of keys are far apart in memory: those of a handful of terms are
 * asked for before the first is needed.
 */
#include "_kernel.h"

#define NAME "indexer.native._kernel.table"
#define SHORT 3                 /* characters of a key, */
#define BITS 21                 /* each of so many bits, 0 for none */
#define MASK 0x1FFFFFull
#define AHEAD 64
#define DROPPED UINT32_MAX
#define LONG_BYTES 220          /* about what a term in the dictionary takes */

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
    Slot *slots;
    size_t room, used;          /* room is 2 to the power of 64 - shift */
    int shift;
    uint32_t next;              /* the number of the next new term */
    PyObject *numbers;          /* of longer terms, and of bytes; DROPPED as in a slot */
} Table;

static void free_table(PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    Py_XDECREF(table->numbers);
    free(table->slots);
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
    table->room = 1 << 10;
    table->shift = 64 - 10;
    table->slots = calloc(table->room, sizeof(Slot));
    table->numbers = table->slots ? PyDict_New() : PyErr_NoMemory();
    if (!table->numbers) Py_CLEAR(capsule);
    return capsule;
}

PyObject *kernel_table_bytes(PyObject *self, PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    if (!table) return NULL;
    return PyLong_FromSize_t(table->room * sizeof(Slot) + (size_t)PyDict_GET_SIZE(table->numbers) * LONG_BYTES);
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

/* The key of a whole term; 0 where it has none. */
static inline uint64_t key_of_term(PyObject *term)
{
    if (!PyUnicode_Check(term) || PyUnicode_GET_LENGTH(term) > SHORT) return 0;
    return key_of(PyUnicode_KIND(term), PyUnicode_DATA(term), 0, PyUnicode_GET_LENGTH(term));
}

/* Whether a term counts: 1, 0, or -1 for an error. */
static int is_kept(PyObject *keep, PyObject *term)
{
    if (keep == Py_None) return 1;
    PyObject *answer = PyObject_CallOneArg(keep, term);
    int kept = answer ? PyObject_IsTrue(answer) : -1;
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

/* The number of a term without a key; DROPPED where it is none; -1 for an error. */
static int64_t number_long(Table *table, PyObject *term, PyObject *keep)
{
    PyObject *found = PyDict_GetItemWithError(table->numbers, term);
    if (found) return (int64_t)PyLong_AsUnsignedLong(found);
    int kept = PyErr_Occurred() ? -1 : is_kept(keep, term);
    if (kept < 0 || is_full(table)) return -1;
    uint32_t number = kept ? table->next : DROPPED;
    PyObject *value = PyLong_FromUnsignedLong(number);
    int status = value ? PyDict_SetItem(table->numbers, term, value) : -1;
    Py_XDECREF(value);
    if (status < 0) return -1;
    table->next += (uint32_t)kept;
    return number;
}

static int64_t number_term(Table *table, PyObject *term, uint64_t key)
{
    if (!key) return number_long(table, term, Py_None);
    Slot *slot = slot_of(table, key);
    return slot->key ? slot->number : number_key(table, key, 1);
}

/* ---- intern, intern_slices ----------------------------------------------------------------------- */

/* The numbers of up to AHEAD terms of a sequence from `first` on; -1 for an error. */
static int number_some(Table *table, PyObject *items, Py_ssize_t first, uint32_t *out)
{
    uint64_t keys[AHEAD];
    Py_ssize_t some = PySequence_Fast_GET_SIZE(items) - first;
    if (some > AHEAD) some = AHEAD;
    for (Py_ssize_t i = 0; i < some; i++) {
        keys[i] = key_of_term(PySequence_Fast_GET_ITEM(items, first + i));
        FETCH(&table->slots[home_of(table, keys[i])]);
    }
    for (Py_ssize_t i = 0; i < some; i++) {
        int64_t number = number_term(table, PySequence_Fast_GET_ITEM(items, first + i), keys[i]);
        if (number < 0) return -1;
        out[i] = (uint32_t)number;
    }
    return 0;
}

PyObject *kernel_intern(PyObject *self, PyObject *args)
{
    PyObject *capsule, *sequence;
    if (!PyArg_ParseTuple(args, "OO", &capsule, &sequence)) return NULL;
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    /* What is compared could be Python and change a list: a tuple stays as it is. */
    PyObject *items = table ? PySequence_Tuple(sequence) : NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    PyObject *result = PyBytes_FromStringAndSize(NULL, size * 4);
    for (Py_ssize_t first = 0; result && first < size; first += AHEAD)
        if (number_some(table, items, first, (uint32_t *)PyBytes_AS_STRING(result) + first) < 0) Py_CLEAR(result);
    Py_DECREF(items);
    return result;
}

typedef struct {
    PyObject *text, *keep;
    const uint32_t *ends;
    Py_ssize_t count;
} Slices;

/* The number of text[from:to]; DROPPED where it is no term; -1 for an error. */
static int64_t number_slice(Table *table, const Slices *slices, Py_ssize_t from, Py_ssize_t to, uint64_t key)
{
    if (key) {
        Slot *slot = slot_of(table, key);
        if (slot->key) return slot->number;
        if (slices->keep == Py_None) return number_key(table, key, 1);
    }
    PyObject *term = PyUnicode_Substring(slices->text, from, to);
    int64_t number = -1;
    if (term && key) number = number_key(table, key, is_kept(slices->keep, term));
    else if (term) number = number_long(table, term, slices->keep);
    Py_XDECREF(term);
    return number;
}

/* The numbers of the slices that are terms; how many there are, -1 for an error. */
static Py_ssize_t number_slices(Table *table, const Slices *slices, uint32_t *out)
{
    int kind = PyUnicode_KIND(slices->text);
    const void *text = PyUnicode_DATA(slices->text);
    uint64_t keys[AHEAD];
    Py_ssize_t count = 0, from = 0, at = 0;
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
            int64_t number = number_slice(table, slices, from, to, keys[i]);
            if (number < 0) return -1;
            if (number != DROPPED) out[count++] = (uint32_t)number;
            from = to;
        }
    }
    return count;
}

static int ascend(const Slices *slices)
{
    uint32_t last = 0;
    for (Py_ssize_t i = 0; i < slices->count; last = slices->ends[i++])
        if (slices->ends[i] < last) return 0;
    return (Py_ssize_t)last <= PyUnicode_GET_LENGTH(slices->text);
}

PyObject *kernel_intern_slices(PyObject *self, PyObject *args)
{
    PyObject *capsule, *ends, *result = NULL;
    Slices slices;
    Flat flat = {{0}};
    if (!PyArg_ParseTuple(args, "OOUO", &capsule, &slices.keep, &slices.text, &ends)) return NULL;
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    int status = table ? flat_take(ends, 4, "ends", &flat) : -1;
    slices.ends = flat.view.buf;
    slices.count = flat.length;
    if (!status && !ascend(&slices)) {
        refuse("ends are 32-bit numbers that ascend within their text");
    } else if (!status && (result = PyBytes_FromStringAndSize(NULL, slices.count * 4))) {
        Py_ssize_t kept = number_slices(table, &slices, (uint32_t *)PyBytes_AS_STRING(result));
        if (kept < 0) Py_CLEAR(result);
        else _PyBytes_Resize(&result, kept * 4);
    }
    flat_release(&flat, 1);
    return result;
}

/* ---- intern_units ------------------------------------------------------------------------------- */

typedef struct {
    uint32_t *symbols;
    Py_ssize_t count, pairs;
} Symbols;

static int add_symbol(Symbols *out, int64_t number, int paired)
{
    if (number < 0) return -1;
    out->symbols[out->count++] = (uint32_t)number << 1 | (uint32_t)paired;
    out->pairs += paired;
    return 0;
}

/* Adds the characters of a run, or a word. */
static int add_unit(Table *table, const Slices *text, Py_ssize_t from, Py_ssize_t to, int run, Symbols *out)
{
    int kind = PyUnicode_KIND(text->text);
    const void *data = PyUnicode_DATA(text->text);
    if (!run)
        return add_symbol(out, number_slice(table, text, from, to, to - from <= SHORT ? key_of(kind, data, from, to - from) : 0), 0);
    for (Py_ssize_t at = from; at < to; at++) {
        uint64_t key = key_of(kind, data, at, 1);
        Slot *slot = slot_of(table, key);
        int64_t number = slot->key ? slot->number : number_key(table, key, 1);
        if (add_symbol(out, number, at + 1 < to) < 0) return -1;
    }
    return 0;
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

PyObject *kernel_intern_units(PyObject *self, PyObject *args)
{
    PyObject *capsule, *spans, *bytes, *result = NULL;
    Slices text = {NULL, Py_None, NULL, 0};
    Flat flat = {{0}};
    if (!PyArg_ParseTuple(args, "OUO", &capsule, &text.text, &spans)) return NULL;
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    int status = table ? flat_take(spans, 4, "spans", &flat) : -1;
    const uint32_t *span = flat.view.buf;
    Py_ssize_t count = flat.length, size = -1;
    if (!status && !(count % 2)) size = size_of(span, count, PyUnicode_GET_LENGTH(text.text));
    if (!status && size < 0) {
        refuse("units are spans of their text");
    } else if (!status && (bytes = PyBytes_FromStringAndSize(NULL, size * 4))) {
        Symbols out = {(uint32_t *)PyBytes_AS_STRING(bytes), 0, 0};
        for (Py_ssize_t i = 0; i < count && !status; i += 2)
            status = add_unit(table, &text, span[i] >> 1, span[i + 1], span[i] & 1, &out);
        if (!status) result = Py_BuildValue("(Nn)", bytes, out.count + out.pairs);
        else Py_DECREF(bytes);
    }
    flat_release(&flat, 1);
    return result;
}

/* ---- order_terms -------------------------------------------------------------------------------- */

typedef struct {
    uint64_t head;              /* of text the key of its beginning, of bytes 0 */
    PyObject *term;             /* NULL: the key says all */
    uint32_t number, length;    /* length in bytes */
} Word;

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

static int compare_words(const void *a, const void *b)
{
    const Word *x = a, *y = b;
    if (x->head != y->head) return x->head < y->head ? -1 : 1;
    if (!x->term || !y->term) return x->term ? 1 : -1;
    if (PyBytes_Check(x->term)) {
        uint32_t least = x->length < y->length ? x->length : y->length;
        int found = memcmp(PyBytes_AS_STRING(x->term), PyBytes_AS_STRING(y->term), least);
        return found ? found : x->length < y->length ? -1 : 1;
    }
    Py_ssize_t one = PyUnicode_GET_LENGTH(x->term), other = PyUnicode_GET_LENGTH(y->term);
    for (Py_ssize_t i = SHORT; i < one && i < other; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(x->term, i), d = PyUnicode_READ_CHAR(y->term, i);
        if (c != d) return c < d ? -1 : 1;
    }
    return one < other ? -1 : 1;
}

static Word word_of_key(uint64_t key, uint32_t number)
{
    Word word = {key, NULL, number, 0};
    for (uint64_t rest = key; rest; rest = rest << BITS & ((1ull << BITS * SHORT) - 1))
        word.length += width_of((Py_UCS4)(rest >> BITS * (SHORT - 1)) - 1);
    return word;
}

static Word word_of_term(PyObject *term, uint32_t number)
{
    Word word = {0, term, number, 0};
    if (PyBytes_Check(term)) {
        word.length = (uint32_t)PyBytes_GET_SIZE(term);
        return word;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(term);
    word.head = key_of(PyUnicode_KIND(term), PyUnicode_DATA(term), 0, length < SHORT ? length : SHORT);
    for (Py_ssize_t i = 0; i < length; i++) word.length += width_of(PyUnicode_READ_CHAR(term, i));
    return word;
}

/* All terms, in order; NULL with an error set. */
static Word *list_words(const Table *table)
{
    PyObject *term, *value;
    Py_ssize_t at = 0;
    size_t count = 0;
    int bytes = 0, text = table->used > 0;
    Word *words = malloc(((size_t)table->next + 1) * sizeof(Word));
    if (!words) no_memory();
    for (size_t i = 0; words && i < table->room; i++) {
        Slot slot = table->slots[i];
        if (slot.key && slot.number != DROPPED) words[count++] = word_of_key(slot.key, slot.number);
    }
    while (words && PyDict_Next(table->numbers, &at, &term, &value)) {
        bytes |= !PyUnicode_Check(term);
        text |= !PyBytes_Check(term);
        if (bytes && text) {
            refuse("terms are all text, or all bytes");
            free(words);
            return NULL;
        }
        uint32_t number = (uint32_t)PyLong_AsUnsignedLong(value);
        if (number != DROPPED) words[count++] = word_of_term(term, number);
    }
    if (words) qsort(words, count, sizeof(Word), compare_words);
    return words;
}

static char *write_word(const Word *word, char *to)
{
    if (!word->term) {
        for (uint64_t rest = word->head; rest; rest = rest << BITS & ((1ull << BITS * SHORT) - 1))
            to += encode((Py_UCS4)(rest >> BITS * (SHORT - 1)) - 1, to);
        return to;
    }
    if (PyBytes_Check(word->term)) {
        memcpy(to, PyBytes_AS_STRING(word->term), word->length);
        return to + word->length;
    }
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(word->term); i++)
        to += encode(PyUnicode_READ_CHAR(word->term, i), to);
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
