// Definitions every kernel file may use; no entry points.

// A kernel that stores EPILOGUE(value, index) lets a generated pointwise program act on each value,
// and by EPILOGUE16 on 16 values whose first index is a multiple of 16; alone it stores the value
// itself. EPILOGUE_PREFETCH, with the index of EPILOGUE16, fetches what that will read. The
// kernel's parameters end with EPILOGUE_PARAMETERS; so do those of a function that uses any of
// these, which is called with EPILOGUE_OPERANDS.
#ifndef EPILOGUE
#define EPILOGUE_PARAMETERS
#define EPILOGUE_OPERANDS
#define EPILOGUE(v, i) (v)
#define EPILOGUE16(v, i) (v)
#define EPILOGUE_PREFETCH(i)
#endif
