/* The terms of an index in the making, numbered as they come: what interning and ordering share (_terms.c,
 * _interning.c, _ordering.c).
 *
 * A term of one to three characters is a key of 64 bits, in the order of the terms, and no string is made of
 * it; of a longer one UTF-8 is kept, all of them one behind the other.
 */
#include "_kernel.h"

#define NAME "indexer.native._kernel.table"
#define SHORT 3                 /* characters of a key, */
#define BITS 21                 /* each of so many bits, 0 for none */
#define DROPPED UINT32_MAX
#define LENGTH 4                /* bytes of the length before a longer term */

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

int is_kept(PyObject *keep, PyObject *text, Py_ssize_t from, Py_ssize_t to);
int64_t number_key(Table *table, uint64_t key, int kept);
int64_t number_long(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, PyObject *keep);

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

/* Up to SHORT characters of a text as a key: in order like the texts, a text before what it begins. */
static inline uint64_t key_of(int kind, const void *text, Py_ssize_t at, Py_ssize_t length)
{
    uint64_t key = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        key |= ((uint64_t)PyUnicode_READ(kind, text, at + i) + 1) << BITS * (SHORT - 1 - i);
    return key;
}

/* The number of text[from:to], whose key is given; DROPPED where it is no term; -1 for an error. */
static inline int64_t number_slice(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, uint64_t key, PyObject *keep)
{
    if (!key) return number_long(table, text, from, to, keep);
    Slot *slot = slot_of(table, key);
    if (slot->key) return slot->number;
    int kept = is_kept(keep, text, from, to);
    slot = slot_of(table, key); /* what was asked is Python, and may have come here meanwhile */
    return slot->key ? slot->number : number_key(table, key, kept);
}

static inline uint32_t width_of(Py_UCS4 c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* UTF-8 of a character, a lone surrogate like any other; returns the bytes written. */
static inline uint32_t encode(Py_UCS4 c, char *to)
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
