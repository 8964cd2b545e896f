/* Sorting the terms that have numbers: see order_terms in indexer/engine/embedded/kernel/sorting.py. */
#include "_terms.h"

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
