// Definitions every kernel file may use; no entry points.

// A kernel that stores EPILOGUE(value, index) lets a generated pointwise program act on each value;
// alone it stores the value itself.
#ifndef EPILOGUE
#define EPILOGUE_PARAMETERS
#define EPILOGUE(v, i) (v)
#endif
