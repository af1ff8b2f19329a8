/* The vocabularies as vocabulary/pack.mjs makes them, for tokenizer_vocabulary.cc. */

    .section .rodata

    .globl relay_cl100k_base_begin, relay_cl100k_base_end
relay_cl100k_base_begin:
    .incbin "cl100k_base.tokens"
relay_cl100k_base_end:

    .globl relay_o200k_base_begin, relay_o200k_base_end
relay_o200k_base_begin:
    .incbin "o200k_base.tokens"
relay_o200k_base_end:

    .section .note.GNU-stack, "", %progbits
