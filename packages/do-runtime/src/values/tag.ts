// The tags of V8's serialization format (src/objects/value-serializer.cc), version 15: what a Durable Object stores for a value.
// Writing the same form tells a value's stored size exactly, and Node's `v8` module checks the codec from outside.
// Imported as `Tag`; exports and no object's properties, since bundlers inline these.

export const Version = 0xff;
export const Padding = 0x00;
export const Undefined = 0x5f; // _
export const Null = 0x30; // 0
export const True = 0x54; // T
export const False = 0x46; // F
export const Hole = 0x2d; // -
export const Int32 = 0x49; // I
export const Double = 0x4e; // N
export const BigInt = 0x5a; // Z
export const OneByteString = 0x22; // "
export const TwoByteString = 0x63; // c
export const ObjectReference = 0x5e; // ^
export const BeginObject = 0x6f; // o
export const EndObject = 0x7b; // {
export const BeginDenseArray = 0x41; // A
export const EndDenseArray = 0x24; // $
export const BeginSparseArray = 0x61; // a
export const EndSparseArray = 0x40; // @
export const Date = 0x44; // D
export const TrueObject = 0x79; // y
export const FalseObject = 0x78; // x
export const NumberObject = 0x6e; // n
export const BigIntObject = 0x7a; // z
export const StringObject = 0x73; // s
export const RegExp = 0x52; // R
export const BeginMap = 0x3b; // ;
export const EndMap = 0x3a; // :
export const BeginSet = 0x27; // '
export const EndSet = 0x2c; // ,
export const ArrayBuffer = 0x42; // B
export const ArrayBufferView = 0x56; // V
export const Error = 0x72; // r
export const ErrorMessage = 0x6d; // m
export const ErrorCause = 0x63; // c
export const ErrorStack = 0x73; // s
export const ErrorEnd = 0x2e; // .
