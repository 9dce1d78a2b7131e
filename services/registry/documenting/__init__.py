"""What staff document about covered youths. A use case works in the transaction of an opened youth
(`api.keeping.opened`), and writes its audit rows and events there."""
